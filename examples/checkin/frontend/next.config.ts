import type { NextConfig } from "next";

const config: NextConfig = {
  output: "standalone",
  poweredByHeader: false,
  compress: false, // nginx does
  outputFileTracingRoot: __dirname,
  turbopack: { root: __dirname },
};

export default config;
