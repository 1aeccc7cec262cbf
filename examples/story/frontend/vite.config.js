import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  server: {
    host: true,
    port: 5173,
    strictPort: true,
    // The browser comes through the proxy, whose port it knows: only the path is said.
    hmr: { path: "/ws" },
  },
});
