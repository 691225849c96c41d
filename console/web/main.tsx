import { render } from 'preact';
import { App } from './app.tsx';
import { language } from './i18n/index.ts';
import { startRouter } from './lib/router.ts';
import { applyTheme, storedTheme } from './lib/theme.ts';
import './styles/tokens.css';
import './styles/app.css';

document.documentElement.lang = language;
applyTheme(storedTheme());
startRouter();
const root = document.getElementById('app');
if (root) render(<App />, root);
