import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

// In development the proxy hands /api to the backend, as in production; what Vite writes goes to /tmp, for the root is read-only.
export default defineConfig({
  plugins: [vue()],
  cacheDir: process.env.VITE_CACHE ?? "node_modules/.vite",
  server: { host: "0.0.0.0", port: 5173, strictPort: true },
});
