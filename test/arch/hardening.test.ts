import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** What the code must not contain, however harmless the single case may look. docs/security-checklist.md has the list. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

function filesIn(folder: string, ending: RegExp): { path: string; text: string }[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: relative(ROOT, path).split(sep).join('/'), text: readFileSync(path, 'utf8') }));
}

function where(files: readonly { path: string; text: string }[], what: RegExp): string[] {
  return files.flatMap(({ path, text }) =>
    [...text.matchAll(new RegExp(what, 'g'))].map(([found]) => `${path}: ${found}`),
  );
}

const page = filesIn('console/web', /\.tsx?$/);
const program = [...filesIn('sensor', /\.ts$/), ...filesIn('console/api', /\.ts$/)];

describe('the page', () => {
  it('writes no markup and runs no text', () => {
    const ways =
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|dangerouslySetInnerHTML|srcdoc|DOMParser|new Function|\beval\(|setTimeout\(\s*['"`]|createContextualFragment|javascript:/;
    expect(where(page, ways)).toEqual([]);
  });

  it('links only to its own pages and the API, never to an address that a packet brought', () => {
    const links = where(page, /href=(\{[^}]{0,40}|"[^"]*")/);
    // Those that are variables come from the navigation's own list and from `to`.
    const own = /href=(\{`?\$?\{?to\.|\{`\$\{API|\{(heading|item)\.href|\{href|\{node \? to\.|"#|"\/)/;
    expect(links.filter((link) => !own.test(link))).toEqual([]);
    expect(links.length).toBeGreaterThan(30);
  });

  it('does not hinder pasting into a password field', () => {
    expect(where(page, /onPaste|onpaste|autocomplete="off"[^>]*type="password"/)).toEqual([]);
  });

  const document = join(ROOT, 'dist', 'console', 'web', 'index.html');
  const changed = Math.max(...page.map(({ path }) => statSync(join(ROOT, path)).mtimeMs));
  const isBuilt = existsSync(document) && statSync(document).mtimeMs >= changed;
  it.skipIf(!isBuilt)(
    'is built, as far as the build is not older than its source, without script or style in its document, without source maps, without other hosts',
    () => {
      const files = filesIn('dist/console/web', /./);
      expect(files.filter(({ path }) => path.endsWith('.map')).map(({ path }) => path)).toEqual([]);
      const html = files.find(({ path }) => path.endsWith('index.html'))?.text ?? '';
      expect(html).toMatch(/<script type="module" crossorigin src="\/static\//);
      expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\son\w+=|style="/);
      const scripts = files.filter(({ path }) => /\.(js|css|html)$/.test(path));
      expect(scripts.length).toBeGreaterThan(10);
      expect(where(scripts, /sourceMappingURL|\beval\(|new Function\(|@import/)).toEqual([]);
      const hosts = where(scripts, /https?:\/\/[a-zA-Z0-9.-]+/).map((found) => found.replace(/^.*: /, ''));
      // Names of XML, and addresses in texts that explain settings; nothing is loaded from anywhere.
      const harmless = /^https?:\/\/(www\.w3\.org|[\w.-]*example(\.\w+)?|localhost|127\.0\.0\.1)$/;
      expect([...new Set(hosts)].filter((host) => !harmless.test(host))).toEqual([]);
    },
  );
});

describe('the program', () => {
  it('opens connections of its own only to receivers and the sign-in service, which people configure', () => {
    const outgoing =
      /\bfetch\(|\brequestHttps?\(|\bhttps?\.(request|get)\(|\bcreateConnection\(|\bconnectTls\(|\bnet\.connect\(|createSocket\(|from 'node:(dgram|dns|dns\/promises)'/;
    const files = new Set(where(program, outgoing).map((found) => found.split(': ')[0]));
    for (const file of files)
      expect(file).toMatch(/^(sensor\/export\/|sensor\/cli\/(doctor|export)|console\/api\/oidc\/fetch\.ts)/);
  });

  it('puts no value into the text of a query', () => {
    const texts = where(program, /(?:prepare|#sql|\bsql|exec)\(\s*`[^`]*`/);
    const holes = texts.flatMap((text) =>
      [...text.matchAll(/\$\{([^}]*)\}/g)].map(([, hole]) => `${text.split(': ')[0]}: ${hole}`),
    );
    // Names of tables and columns, numbers of the schema, and conditions that are constants of the code.
    const constant =
      /: (name|marks|sets|table|columns?(\.join\(', '\))?|schema\.applicationId|step \+ 1|[A-Z][A-Z_]+|Math\..*)$/;
    expect(holes.filter((hole) => !constant.test(hole))).toEqual([]);
    expect(texts.length).toBeGreaterThan(3);
  });

  it('starts other programs without a shell', () => {
    expect(
      where(
        program,
        /\bexec(Sync)?\(\s*[`'"](?!PRAGMA|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|CREATE|DROP|ATTACH|VACUUM|ANALYZE|DELETE|INSERT|UPDATE)|shell: true/,
      ),
    ).toEqual([]);
  });
});
