import { defineConfig } from 'vite'

/** One file that defines the custom element, for pages that build nothing. */
// biome-ignore lint/style/noDefaultExport: this is where Vite looks for it.
export default defineConfig({
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    target: 'es2022',
    outDir: 'dist/element',
    lib: { entry: 'src/element.ts', formats: ['es'], fileName: 'cavea-seat-picker' },
    rollupOptions: { output: { codeSplitting: false } },
  },
})
