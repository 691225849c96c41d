import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PAGES, to } from '../../console/web/lib/addresses.js';
import type { Alert, Asset, Conversation, ProcessVariable } from '../../sensor/model/records.js';
import { at, HOSTILE, sampleAlert, sampleFindings, sampleHealth, sampleVariables } from '../support/sample-findings.js';
import { type Bench, chromiumPath, type Site, signIn, startBench, startSite, type Visit, visit } from './browser.js';
import { EVERY_PAGE, settled } from './pages.js';

/** Text that a packet could carry to run in a browser, to leave its place, or to be taken for something else. */
const STRINGS: readonly string[] = [
  ...Object.values(HOSTILE),
  '<script>alert(1)</script>',
  '<svg onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<iframe src="javascript:alert(1)"></iframe>',
  '<a href="javascript:alert(1)">PLC</a>',
  '<body onload=alert(1)>',
  '<details open ontoggle=alert(1)>',
  '<input autofocus onfocus=alert(1)>',
  '<video><source onerror="alert(1)"></video>',
  '<math><mtext><img src=x onerror=alert(1)>',
  '<style>@import "http://127.0.0.1:9/x.css";</style>',
  '<link rel=stylesheet href=http://127.0.0.1:9/x.css>',
  '<img src=http://127.0.0.1:9/pixel.png>',
  '<object data="data:text/html,<script>alert(1)</script>">',
  '<base href="http://127.0.0.1:9/">',
  '<meta http-equiv=refresh content="0;url=http://127.0.0.1:9/">',
  '<form action=http://127.0.0.1:9/><button>Sign in</button></form>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '" autofocus onfocus="alert(1)',
  '</textarea><script>alert(1)</script>',
  '</title><script>alert(1)</script>',
  '</style><script>alert(1)</script>',
  '-->\'"/></sCript><svG x=">" onload=(alert)(1)//',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '&#60;img src=x onerror=alert(1)&#62;',
  '\u003cimg src=x onerror=alert(1)\u003e',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of an attack, not a template
  '${alert(1)}',
  '#{alert(1)}',
  '<%= alert(1) %>',
  'constructor',
  'toString',
  'hasOwnProperty',
  '../../../../etc/passwd',
  '/api/v1/logout',
  'data:text/html,<script>alert(1)</script>',
  'opc.tcp://javascript:alert(1)@host/',
  '\u2066PLC\u2069\u200b\ufeff',
  '\ud800 lone surrogate',
  '%3Cscript%3Ealert(1)%3C/script%3E',
];

/** Pages on which the hostile text stands in any case, so that their being clean says something. */
const HOSTILE_ON: readonly string[] = [
  ...[PAGES.overview, PAGES.incidents, PAGES.compare, PAGES.conversations, PAGES.health, PAGES.assets],
  ...[PAGES.variables, PAGES.mutes, PAGES.reports, PAGES.audit, to.alert('alert-write'), to.asset('asset-plc1')],
  '/map?group=none',
];

/** As the page shows it: what is invisible is written out. */
function shown(text: string): string {
  return text
    .replace(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those are meant
      /[\u0000-\u001f\u007f-\u009f\u200b\u202e\u2066\u2069\ufeff]/g,
      (character) => `\\u{${character.charCodeAt(0).toString(16)}}`,
    )
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** Half a character and NUL cannot stand in an address; all else can. */
function idOf(text: string, index: number): string {
  return `hostile ${text.slice(0, 40).replace('\ud800', '').replace('\u0000', '')} ${index}`;
}

function hostileAlert(text: string, index: number): Alert {
  return sampleAlert(idOf(text, index), {
    kind: (['rule', 'deviation', 'protocol', 'health'] as const)[index % 4] ?? 'rule',
    rule_id: text,
    rule_version: text,
    title: text,
    description: text,
    src_ip: text,
    src_port: 1,
    dest_ip: text,
    src_asset: `hostile asset ${index}`,
    dest_asset: 'asset-plc1',
    protocol: text,
    object: text,
    attack: [{ technique: text, name: text, tactic: text }],
    expected: text,
    observed: text,
    recommendation: text,
    first_seen: at(1000 + index),
    last_seen: at(1000 + index),
    evidence: {
      pcap_cnts: [index],
      records: [
        {
          timestamp: text,
          pcap_cnt: index,
          event_type: text,
          src_ip: text,
          dest_ip: text,
          anomalies: [text],
          [text]: { pdu: 'request', function: text, [text]: [text, { [text]: text }], values: [text], address: 0 },
        },
      ],
    },
  });
}

function hostileAsset(text: string, index: number): Asset {
  const plc = sampleFindings().assets[0];
  if (!plc) throw new Error('the sample has assets');
  const evidence = [
    {
      field: 'vendor' as const,
      value: text,
      source: text,
      confidence: 50,
      pcap_cnt: 1,
      first_seen: at(1),
      last_seen: at(2),
    },
    {
      field: 'vendor' as const,
      value: `other ${text}`,
      source: 'arp',
      confidence: 40,
      pcap_cnt: 1,
      first_seen: at(1),
      last_seen: at(2),
    },
  ];
  return {
    ...plc,
    id: `hostile asset ${index}`,
    name: text,
    ips: [text],
    macs: [text],
    vendor: text,
    model: text,
    order_number: text,
    firmware: text,
    hardware_revision: text,
    serial: text,
    hostname: text,
    os: text,
    roles: [text],
    zone: text,
    protocols: [{ name: text, as: 'client', ports: [] }],
    units: [
      {
        unit: text,
        vendor: text,
        model: text,
        firmware: text,
        serial: text,
        first_seen: at(1),
        last_seen: at(2),
        evidence,
      },
    ],
    evidence,
    approved: false,
    last_seen: at(1000 + index),
  };
}

function hostileConversation(text: string, index: number): Conversation {
  return {
    id: `hostile conversation ${index}`,
    client: `hostile asset ${index}`,
    server: 'asset-plc1',
    client_ip: text,
    server_ip: text,
    protocol: text,
    server_port: 0,
    transport: 'tcp',
    operations: [
      {
        operation: text,
        class: 'write',
        count: 1,
        targets: [text],
        exceptions: 1,
        first_seen: at(1),
        last_seen: at(2),
        in_baseline: false,
      },
    ],
    packets: 1,
    bytes: 1,
    first_seen: at(1),
    last_seen: at(1000 + index),
    in_baseline: false,
  };
}

function hostileVariable(text: string, index: number): ProcessVariable {
  const [sample] = sampleVariables();
  if (!sample) throw new Error('the sample has variables');
  return {
    ...sample,
    id: `hostile variable ${index}`,
    server_ip: text,
    protocol: text,
    name: text,
    address: text,
    last_value: text,
    last_changed: at(1000 + index),
    last_writer: text,
    writers: [{ ip: text, asset: `hostile asset ${index}`, writes: 1, last_write: at(2), in_baseline: false }],
    declared: { name: text, description: text, measure: text },
  };
}

/** What a person of the house could write into the console against the others. */
async function writeHostileWords(page: Page, texts: readonly string[]): Promise<number> {
  return page.evaluate(async (words) => {
    const { csrf } = (await (await fetch('/api/v1/session')).json()) as { csrf: string };
    let taken = 0;
    const send = async (method: string, path: string, body: object) => {
      const headers = { 'content-type': 'application/json', 'x-csrf-token': csrf };
      const answer = await fetch(`/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
      if (answer.ok) taken++;
    };
    for (const text of words) {
      await send('POST', '/alerts/alert-write/notes', { note: text });
      await send('POST', '/alerts/alert-write/status', { status: 'open', note: text });
      // Of a rule that nothing was raised by: the alerts themselves stay in the queue.
      await send('POST', '/mutes', { rule: `${text} rule`, src: text, reason: text, minutes: 60 });
      await send('POST', '/views', { name: text, query: text, shared: true });
      await send('PUT', '/assets/asset-plc1/settings', { name: text, zone: text });
    }
    return taken;
  }, texts);
}

describe.skipIf(chromiumPath === null)('text from packets', () => {
  let bench: Bench;
  let site: Site;
  let who: Visit;
  beforeAll(async () => {
    bench = await startBench();
    site = await startSite(bench);
    site.sensor.write({
      alerts: STRINGS.map(hostileAlert),
      assets: STRINGS.map(hostileAsset),
      conversations: STRINGS.map(hostileConversation),
      variables: STRINGS.map(hostileVariable),
      packets: [],
      health: sampleHealth({
        sensor: HOSTILE.markup,
        captures: [...STRINGS],
        anomalies: Object.fromEntries(STRINGS.map((text) => [text, 1])),
        dropped: Object.fromEntries(STRINGS.map((text) => [text, 1])),
        pdus: Object.fromEntries(STRINGS.map((text) => [text, 1])),
        blind: STRINGS.map((text, index) => ({ from: at(index), interface: text, reason: text })),
        interfaces: STRINGS.map((text) => ({
          name: text,
          source: text,
          state: 'capturing',
          packets: 1,
          bytes: 1,
          dropped_by_kernel: null,
          dropped_by_interface: null,
          notes: [text],
        })),
      }),
    });
    who = await visit(bench, site);
    await signIn(who);
    expect(await writeHostileWords(who.page, STRINGS)).toBeGreaterThan(STRINGS.length);
  }, 120_000);
  afterAll(async () => {
    await who?.close();
    await site?.close();
    await bench?.close();
  });

  /** The page as a reader sees it, and every way out of it. */
  async function look(): Promise<{ text: string; strange: string[]; title: string }> {
    const found = await who.page.evaluate(() => {
      const strange: string[] = [];
      const allowed = new Set(['http:', 'https:']);
      for (const element of document.querySelectorAll(
        'iframe, object, embed, base, form[action], img, video, math, style',
      )) {
        strange.push(element.outerHTML.slice(0, 200));
      }
      for (const script of document.querySelectorAll('script')) {
        if (!script.src.startsWith(`${location.origin}/static/`)) strange.push(script.outerHTML.slice(0, 200));
      }
      for (const link of document.querySelectorAll('a')) {
        if (link.origin !== location.origin || !allowed.has(link.protocol)) strange.push(link.outerHTML.slice(0, 200));
      }
      for (const element of document.querySelectorAll('*')) {
        for (const { name } of element.attributes)
          if (name.startsWith('on')) strange.push(element.outerHTML.slice(0, 200));
      }
      return { strange, text: document.body.innerText, title: document.title };
    });
    return { ...found, text: found.text.replaceAll(/\s+/g, ' ') };
  }

  it('is shown as text in every list', { timeout: 120_000 }, async () => {
    for (const path of ['/', '/alerts?status=all', '/assets', '/conversations', '/health']) {
      await who.go(path);
      await who.page.waitForSelector('.table-box, .overview, .sensor');
      const more = who.page.getByRole('button', { name: 'Show more' });
      if (await more.isVisible()) {
        await more.click();
        await more.waitFor({ state: 'detached' });
      }
      const { text, strange, title } = await look();
      expect(strange, path).toEqual([]);
      expect(title, path).toMatch(/ · Fieldwatch$/);
      if (path === '/') continue;
      // The lists show a short name; only what is longer than any cell may be missing.
      const missing = STRINGS.map(shown).filter((wanted) => !text.includes(wanted));
      expect(missing, path).toEqual([]);
    }
    expect(who.incidents).toEqual([]);
  });

  it('opens no way out on any page', { timeout: 600_000 }, async () => {
    const paths = [
      ...EVERY_PAGE,
      '/alerts?status=all&muted=show',
      '/map?group=none',
      '/map?group=vendor',
      '/map/matrix?by=device',
      ...STRINGS.map((_, index) => to.variable(`hostile variable ${index}`)),
    ];
    for (const path of paths) {
      await who.go(path);
      await settled(who);
      await who.page.evaluate(() => {
        for (const more of document.querySelectorAll<HTMLElement>('main button[aria-expanded=false]')) more.click();
      });
      const { strange, title, text } = await look();
      expect(strange, path).toEqual([]);
      expect(title, path).toMatch(/ · Fieldwatch$/);
      // Names are cut to fit the boxes of the map; what is shown of them is text.
      if (HOSTILE_ON.includes(path)) expect(text, path).toContain('<img src=x');
    }
    expect(who.incidents).toEqual([]);
  });

  /** As a click on a link of the page does it; a full load each would take minutes. */
  async function goInside(path: string): Promise<void> {
    await who.page.evaluate((address) => {
      history.pushState(null, '', address);
      dispatchEvent(new PopStateEvent('popstate', { state: null }));
    }, path);
  }

  it('is shown as text on the page of every alert and device', { timeout: 300_000 }, async () => {
    for (const [index, hostile] of STRINGS.entries()) {
      const wanted = shown(hostile);
      for (const path of [
        `/alerts/${encodeURIComponent(idOf(hostile, index))}`,
        `/assets/${encodeURIComponent(`hostile asset ${index}`)}`,
      ]) {
        await goInside(path);
        await who.page.waitForFunction(
          (expected) =>
            document.querySelector('.alert-grid') !== null &&
            document.body.innerText.replaceAll(/\s+/g, ' ').split(expected).length > 4,
          wanted,
        );
        for (const summary of await who.page.locator('summary').all()) await summary.click();
        for (const more of await who.page.getByRole('button', { name: /Show the operations/ }).all())
          await more.click();
        const { text, strange, title } = await look();
        expect(strange, path).toEqual([]);
        expect(text.split(wanted).length - 1, `${path} shows ${wanted}`).toBeGreaterThanOrEqual(4);
        expect(title, path).toMatch(/ · Fieldwatch$/);
      }
    }
    expect(who.incidents).toEqual([]);
  });
});
