import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// changeOrigin: the backend is told the host that the browser asked for, as by the proxy.
const backend = { target: process.env.BACKEND_URL, changeOrigin: false };

export default defineConfig({
  plugins: [react()],
  server: {
    host: true,
    port: 5173,
    strictPort: true,
    // The browser comes through the proxy, whose port it knows: only the path is said.
    hmr: { path: "/ws" },
    // On its own port there is no proxy: whoever looks at it there finds the API too.
    proxy: { "/api": backend, "/media": backend },
  },
});
