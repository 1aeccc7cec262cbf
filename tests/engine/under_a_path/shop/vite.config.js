export default { base: "/shop/", server: { host: true, port: 5173, strictPort: true } };
