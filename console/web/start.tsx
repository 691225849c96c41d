import { render } from 'preact';
import { App } from './app.tsx';
import { startRouter } from './lib/router.ts';

export function start(): void {
  startRouter();
  const root = document.getElementById('app');
  if (root) render(<App />, root);
}
