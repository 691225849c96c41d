import { language, loadLanguage } from './i18n/index.ts';
import { applyTheme, storedTheme } from './lib/theme.ts';
import './styles/tokens.css';
import './styles/app.css';
import './styles/pages.css';

applyTheme(storedTheme());
// Nothing that reads texts may be imported before they are there.
await loadLanguage();
document.documentElement.lang = language;
const { start } = await import('./start.tsx');
start();
