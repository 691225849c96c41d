import { defineConfig } from 'vite';

export default defineConfig({
  base: '/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../dist/console/web',
    emptyOutDir: true,
    // Not Vite's `assets`: that is the address of a page.
    assetsDir: 'static',
    target: 'es2022',
    // The page is served with a policy that allows no inline script, style or data: script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
