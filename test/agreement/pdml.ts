/** The part of tshark's PDML that we need: packets, their protocols in order, fields with their children. */
export interface PdmlField {
  readonly name: string;
  readonly show: string;
  /** The field's bytes in hex; empty for generated fields. */
  readonly value: string;
  readonly children: PdmlField[];
}

export interface PdmlPacket {
  number: number;
  readonly protos: { readonly name: string; readonly fields: PdmlField[] }[];
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return ENTITIES[name ?? ''] ?? whole;
  });
}

function attributes(text: string): Map<string, string> {
  const out = new Map<string, string>();
  for (const [, key = '', value = ''] of text.matchAll(/([\w:.-]+)="([^"]*)"/g)) out.set(key, decodeEntities(value));
  return out;
}

/** Fed with lines, hands over one packet at a time, so that a large capture never stands in memory as XML. */
export class PdmlReader {
  private packet: PdmlPacket | undefined;
  private open: { children: PdmlField[] }[] = [];
  private pending = '';

  constructor(private readonly onPacket: (packet: PdmlPacket) => void) {}

  line(text: string): void {
    const line = this.pending === '' ? text : `${this.pending}\n${text}`;
    // A quoted attribute may contain a line break: the tag is complete when its quotes are even.
    if (line.trimStart().startsWith('<') && (line.match(/"/g)?.length ?? 0) % 2 === 1) {
      this.pending = line;
      return;
    }
    this.pending = '';
    const match = /^\s*<(\/?)(packet|proto|field)\b([\s\S]*?)(\/?)>\s*$/.exec(line);
    if (!match) return;
    const [, closing, tag, rest = '', selfClosing] = match;
    if (closing) this.close(tag === 'packet');
    else if (tag === 'packet') this.packet = { number: 0, protos: [] };
    else this.begin(tag === 'proto', attributes(rest), selfClosing === '/');
  }

  private close(isPacket: boolean): void {
    if (!isPacket) this.open.pop();
    else if (this.packet) {
      this.onPacket(this.packet);
      this.packet = undefined;
      this.open = [];
    }
  }

  private begin(isProto: boolean, at: Map<string, string>, selfClosing: boolean): void {
    if (!this.packet) return;
    const name = at.get('name') ?? '';
    const show = at.get('show') ?? '';
    // Fields with a bit mask put the masked number into `value`; the bytes are in `unmaskedvalue`.
    const field: PdmlField = { name, show, value: at.get('unmaskedvalue') ?? at.get('value') ?? '', children: [] };
    if (isProto) this.packet.protos.push({ name, fields: field.children });
    else {
      if (name === 'num' && this.packet.protos.length === 1) this.packet.number = Number(show);
      this.open.at(-1)?.children.push(field);
    }
    if (!selfClosing) this.open.push(field);
  }
}
