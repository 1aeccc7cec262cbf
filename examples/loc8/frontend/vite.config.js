import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// Packages lie outside /app in the image, so that a folder of the host mounted there does not hide them.
export default defineConfig({
  plugins: [react()],
  cacheDir: "/tmp/vite",
  server: { allowedHosts: true, fs: { allow: ["/app", "/node_modules", "/tmp/vite"] } },
});
