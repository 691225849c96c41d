import type { ComponentChildren } from 'preact';
import type { DissectionRecord } from '../../../sensor/model/records.ts';
import { anomalyTexts } from '../i18n/anomalies-en.generated.ts';
import { said, t } from '../i18n/index.ts';
import { humanise, protocolName } from '../lib/format.ts';
import { own, visible } from '../lib/text.ts';
import { Raw, Time } from './text.tsx';

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(record: Fields, name: string): string | undefined {
  const value = record[name];
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
}

function numberOf(record: Fields, name: string): number | undefined {
  const value = record[name];
  return typeof value === 'number' ? value : undefined;
}

/** The protocol's part of a record, as the record names it. */
function protocolFields(record: DissectionRecord): Fields {
  const fields = record[record.event_type];
  return isFields(fields) ? fields : {};
}

/** Fields that say how the message was carried; they come last, because the question is what it said. */
const CARRIAGE: ReadonlySet<string> = new Set(['transaction_id', 'protocol_id', 'length', 'byte_count']);

/** Shown in the heading already. */
const IN_HEADING: ReadonlySet<string> = new Set(['pdu', 'request_pcap_cnt']);

const MOST_VALUES = 64;
const DEEPEST = 4;

function fieldName(name: string): string {
  return own(t.record.fields, name) ?? visible(humanise(name));
}

/** Register or coil values with the address that each one stands at. */
function AddressedValues({ first, values }: { first: number; values: readonly unknown[] }) {
  return (
    <ol class="values">
      {values.slice(0, MOST_VALUES).map((value, index) => (
        <li key={first + index}>
          <span class="values-address" title={t.record.at(first + index)}>
            {first + index}
          </span>
          <Raw text={String(value)} mono />
        </li>
      ))}
      {values.length > MOST_VALUES && <li class="faint">{t.andMore(values.length - MOST_VALUES)}</li>}
    </ol>
  );
}

function Value({ value, depth }: { value: unknown; depth: number }): ComponentChildren {
  if (value === null || value === undefined) return <span class="faint">–</span>;
  if (typeof value === 'boolean') return value ? t.yes : t.no;
  if (typeof value === 'number' || typeof value === 'string') return <Raw text={value} mono />;
  if (depth >= DEEPEST) return <Raw text={JSON.stringify(value).slice(0, 400)} mono />;
  if (Array.isArray(value)) {
    const list: readonly unknown[] = value;
    if (list.every((item) => typeof item !== 'object')) {
      const shown = list.slice(0, MOST_VALUES).map(String).join(', ');
      return (
        <>
          <Raw text={shown} mono />
          {list.length > MOST_VALUES && <span class="faint"> {t.andMore(list.length - MOST_VALUES)}</span>}
        </>
      );
    }
    return (
      <ul class="nested">
        {list.slice(0, MOST_VALUES).map((item, index) => (
          <li key={index}>
            <Value value={item} depth={depth + 1} />
          </li>
        ))}
        {list.length > MOST_VALUES && <li class="faint">{t.andMore(list.length - MOST_VALUES)}</li>}
      </ul>
    );
  }
  if (isFields(value)) {
    return (
      <dl class="nested-fields">
        {Object.entries(value).map(([name, inner]) => (
          <div key={name}>
            <dt>{fieldName(name)}</dt>
            <dd>
              <Value value={inner} depth={depth + 1} />
            </dd>
          </div>
        ))}
      </dl>
    );
  }
  return <Raw text={String(value)} mono />;
}

function firstAddress(fields: Fields): number | undefined {
  return numberOf(fields, 'address') ?? numberOf(fields, 'write_address');
}

/** Numbers that the record also names; one field says both: "Write multiple registers (16)". */
const NAMED: readonly (readonly [number: string, name: string])[] = [
  ['function_code', 'function'],
  ['subfunction', 'subfunction_name'],
  ['exception_code', 'exception'],
];
const NAMED_FIELDS: ReadonlySet<string> = new Set(NAMED.flat());

function NamedNumber({ number, name }: { number: string | undefined; name: string | undefined }) {
  return (
    <>
      {name !== undefined && <Raw text={humanise(name)} />}
      {number !== undefined && (
        <span class="faint">
          {' '}
          <Raw text={name === undefined ? number : `(${number})`} />
        </span>
      )}
    </>
  );
}

function FieldRows({ fields }: { fields: Fields }) {
  const entries = Object.entries(fields).filter(([name]) => !IN_HEADING.has(name) && !NAMED_FIELDS.has(name));
  const said = entries.filter(([name]) => !CARRIAGE.has(name));
  const carried = entries.filter(([name]) => CARRIAGE.has(name));
  const address = firstAddress(fields);
  return (
    <dl class="fields">
      {NAMED.filter(([number, name]) => number in fields || name in fields).map(([number, name]) => (
        <div key={name}>
          <dt>{fieldName(name)}</dt>
          <dd class={name === 'function' ? 'strong' : undefined}>
            <NamedNumber number={textOf(fields, number)} name={textOf(fields, name)} />
          </dd>
        </div>
      ))}
      {said.map(([name, value]) => (
        <div key={name}>
          <dt>{fieldName(name)}</dt>
          <dd>
            {name === 'values' && Array.isArray(value) && address !== undefined ? (
              <AddressedValues first={address} values={value} />
            ) : (
              <Value value={value} depth={0} />
            )}
          </dd>
        </div>
      ))}
      {carried.length > 0 && (
        <div class="field-carriage">
          <dt>{t.record.technical}</dt>
          <dd>
            <Raw text={carried.map(([name, value]) => `${fieldName(name)} ${String(value)}`).join(', ')} />
          </dd>
        </div>
      )}
    </dl>
  );
}

function endpoint(record: DissectionRecord, side: 'src' | 'dest'): string {
  const address = textOf(record, `${side}_ip`) ?? textOf(record, `${side}_mac`) ?? '?';
  const port = textOf(record, `${side}_port`);
  if (port === undefined) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

export function isAnswer(record: DissectionRecord): boolean {
  const fields = protocolFields(record);
  return (
    fields['pdu'] === 'response' ||
    fields['rosctr_name'] === 'ack_data' ||
    numberOf(fields, 'request_pcap_cnt') !== undefined
  );
}

/** One decoded message as a person reads it; the record itself on demand. */
export function RecordView({ record }: { record: DissectionRecord }) {
  const fields = protocolFields(record);
  const isRequest = fields['pdu'] === 'request' || fields['rosctr_name'] === 'job';
  const answersTo = numberOf(fields, 'request_pcap_cnt');
  const anomalies = Array.isArray(record['anomalies']) ? record['anomalies'].map(String) : [];
  const kind = isAnswer(record) ? t.alert.response : isRequest ? t.alert.request : t.alert.message;
  return (
    <article class="record">
      <header class="record-head">
        <h3>
          <span class={`record-kind ${isAnswer(record) ? 'record-answer' : ''}`}>{kind}</span>{' '}
          <span class="faint">{protocolName(record.event_type)}</span>
        </h3>
        <span class="faint number">
          {t.alert.packet(record.pcap_cnt)}
          {answersTo !== undefined && answersTo !== record.pcap_cnt && `, ${t.alert.answersPacket(answersTo)}`}
        </span>
      </header>
      <p class="record-way">
        <Raw text={endpoint(record, 'src')} mono /> → <Raw text={endpoint(record, 'dest')} mono />
        <Time iso={record.timestamp} />
      </p>
      {'exception_code' in fields && <p class="record-refused">{t.alert.exception}</p>}
      <FieldRows fields={fields} />
      {anomalies.length > 0 && (
        <div class="record-odd">
          <h4>{t.record.anomalies}</h4>
          <ul>
            {anomalies.map((code) => {
              const words = own(anomalyTexts, code);
              return (
                <li key={code}>
                  {words ? said(words.title) : <Raw text={code} mono />}
                  {words && (
                    <>
                      {' '}
                      <span class="faint">{said(words.text)}</span>
                    </>
                  )}
                </li>
              );
            })}
          </ul>
        </div>
      )}
      {record['partial'] === true && <p class="faint">{t.record.partial}</p>}
      <details class="raw">
        <summary>{t.alert.raw}</summary>
        <pre>
          {JSON.stringify(record, null, 2)
            .split('\n')
            .map((line) => `${visible(line)}\n`)}
        </pre>
      </details>
    </article>
  );
}

export function packetNumbers(numbers: readonly number[]): string {
  const MOST = 24;
  const shown = numbers.slice(0, MOST).join(', ');
  return numbers.length > MOST ? `${shown}, ${t.andMore(numbers.length - MOST)}` : shown;
}
