import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  // Relative to the page's <base>: the service may stand below a path.
  base: './',
  plugins: [react()],
  // The service puts a nonce of each answer's own in its place.
  html: { cspNonce: '__NONCE__' },
  build: { target: 'es2023', assetsInlineLimit: 0, emptyOutDir: true, reportCompressedSize: false },
  clearScreen: false,
  logLevel: 'warn',
})
