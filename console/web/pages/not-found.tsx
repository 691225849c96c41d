import { PageHead } from '../components/parts.tsx';
import { t } from '../i18n/index.ts';
import { to } from '../lib/router.ts';

export function NotFoundPage() {
  return (
    <>
      <PageHead title={t.notFound.title} documentTitle={t.notFound.title} />
      <div class="state">
        <p>{t.notFound.text}</p>
        <a class="button" href={to.overview}>
          {t.notFound.home}
        </a>
      </div>
    </>
  );
}
