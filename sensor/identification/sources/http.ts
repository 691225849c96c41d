import { describe } from '../description.js';
import type { IdentitySource, Tell } from '../source.js';
import { cleanText, find, isReadable, mayBecome, startsWith } from '../text.js';

const MAX_HEADER = 8192;
const MAX_LINES = 64;

/** HTTP (RFC 9112): what a server calls itself in `Server`, in its realm and in its page's title. */
export const http: IdentitySource = {
  name: 'http',
  tcpPorts: [80, 8080, 8000, 8008],
  stream: 'start',
  recognises: (buf, from, to) => startsWith(buf, from, to, 'HTTP/1.'),
  read({ buf, from, to }, tell) {
    if (!startsWith(buf, from, to, 'HTTP/1.')) return mayBecome(buf, from, to, 'HTTP/1.');
    const headerEnd = find(buf, from, to, '\r\n\r\n', MAX_HEADER);
    if (headerEnd < 0) return to - from < MAX_HEADER;
    const lines = Buffer.from(buf.buffer, buf.byteOffset + from, headerEnd - from)
      .toString('latin1')
      .split('\r\n');
    let isPage = false;
    for (const line of lines.slice(1, MAX_LINES)) {
      const colon = line.indexOf(':');
      const value = line
        .slice(colon + 1)
        .trim()
        .slice(0, 256);
      switch (line.slice(0, colon).toLowerCase()) {
        case 'server':
          server(value, tell);
          break;
        case 'www-authenticate': {
          const realm = /realm="([^"]{2,80})"/i.exec(value)?.[1];
          if (realm !== undefined && isReadable(realm))
            tell('http.realm', { field: 'description', value: realm, confidence: 35 });
          break;
        }
        case 'content-type':
          isPage = value.toLowerCase().startsWith('text/html');
          break;
      }
    }
    if (!isPage) return false;
    const opening = find(buf, headerEnd, to, '<title>', 4096);
    const start = opening >= 0 ? opening : find(buf, headerEnd, to, '<TITLE>', 4096);
    if (start < 0) return to - headerEnd < 4096;
    const end = find(buf, start + 7, to, '</', 256);
    if (end < 0) return to - start < 256;
    const title = cleanText(buf, start + 7, end);
    // An error page says nothing of the device.
    if (isReadable(title) && !/^\d{3}\b|not found|moved|error|unauthori|index of/i.test(title))
      tell('http.title', { field: 'description', value: title, confidence: 40 });
    return false;
  },
};

/** Web servers that run on anything; those with the device's own name say more. */
const GENERIC =
  /^(?:Apache|nginx|Microsoft-IIS|Microsoft-HTTPAPI|lighttpd|gws|Varnish|cloudflare|Python|Werkzeug|SimpleHTTP|Jetty|openresty|AmazonS3|ECS|IBM_HTTP|BaseHTTP)/i;

function server(value: string, tell: Tell): void {
  if (!isReadable(value)) return;
  const source = 'http.server';
  tell(source, { field: 'software', value, confidence: 55 });
  const iis = /^Microsoft-(?:IIS|HTTPAPI)/.test(value);
  if (iis) tell(source, { field: 'os', value: 'Windows', confidence: 40 });
  const system = /\((Ubuntu|Debian|CentOS|Red Hat|Fedora|Unix|Win32|Win64|FreeBSD)[^)]{0,30}\)/i.exec(value)?.[1];
  if (system !== undefined && system !== 'Unix')
    tell(source, { field: 'os', value: /^win/i.test(system) ? 'Windows' : system, confidence: 45 });
  if (GENERIC.test(value)) return;
  for (const { field, value: text } of describe(value)) {
    if (field === 'vendor' || field === 'order_number') tell(source, { field, value: text, confidence: 55 });
  }
}
