import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Loading } from '../components/parts.tsx';
import { t } from '../i18n/index.ts';

/**
 * A page whose script is fetched when it is first shown. When that fails (the console was updated meanwhile and the old
 * file is gone), loading everything anew is the way out.
 */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let Loaded: ComponentType<P> | undefined;
  return function Lazy(props: P) {
    const [failed, setFailed] = useState(false);
    const [, setReady] = useState(Loaded !== undefined);
    useEffect(() => {
      if (Loaded) return;
      let isShown = true;
      load()
        .then((component) => {
          Loaded = component;
          if (isShown) setReady(true);
        })
        .catch(() => isShown && setFailed(true));
      return () => {
        isShown = false;
      };
    }, []);
    if (Loaded) return <Loaded {...props} />;
    if (!failed) return <Loading rows={8} />;
    return (
      <div class="state" role="alert">
        <h1>{t.errors.title}</h1>
        <button type="button" class="button button-accent" onClick={() => window.location.reload()}>
          {t.errors.reload}
        </button>
      </div>
    );
  };
}
