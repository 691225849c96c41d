import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advanceCounter } from '../../sensor/capture/live/capture-child.js';
import { classifyFailure, explainFailure, parseCaptureMessage } from '../../sensor/capture/live/capture-messages.js';
import { isInterfaceName } from '../../sensor/capture/live/network-interfaces.js';
import { isListenedOn } from '../../sensor/cli/live.js';
import type { FindingsBatch } from '../../sensor/store/store.js';
import { BatchSender } from '../../sensor/threads/batch-sender.js';

describe('what tcpdump says', () => {
  it.each([
    ['tcpdump: listening on eth1, link-type EN10MB (Ethernet), snapshot length 65535 bytes', { kind: 'listening' }],
    [
      'tcpdump: 12 packets captured, 14 packets received by filter, 2 packets dropped by kernel',
      { kind: 'statistics', received: 14, droppedByKernel: 2, droppedByInterface: null },
    ],
    [
      'tcpdump: 1 packet captured, 1 packet received by filter, 0 packets dropped by kernel, 7 packets dropped by interface',
      { kind: 'statistics', received: 1, droppedByKernel: 0, droppedByInterface: 7 },
    ],
    ['3 packets dropped by kernel', { kind: 'statistics', droppedByKernel: 3 }],
    ['0 packets captured', { kind: 'statistics', droppedByKernel: null }],
    ['tcpdump: pcap_loop: The interface disappeared', { kind: 'other' }],
    ['', { kind: 'other', text: '' }],
  ])('is understood: %s', (line, expected) => {
    expect(parseCaptureMessage(line)).toMatchObject(expected);
  });

  it.each([
    ["tcpdump: eth1: You don't have permission to perform this capture on that device", 'permission'],
    ["tcpdump: can't parse filter expression: syntax error", 'filter'],
    ['tcpdump: expression rejects all packets', 'filter'],
    ['tcpdump: nope: No such device exists', 'no_such_interface'],
    ['tcpdump: pcap_loop: The interface disappeared', 'no_such_interface'],
    ['tcpdump: eth1: That device is not up', 'link_down'],
    ['tcpdump ENOENT', 'not_installed'],
    ['the cap package is not installed', 'not_installed'],
    ['tcpdump: out of luck', 'other'],
  ] as const)('is sorted by what a person can do: %s', (text, kind) => {
    expect(classifyFailure(text)).toBe(kind);
    expect(explainFailure(kind, 'tcpdump', 'eth1', text).split('\n').length).toBe(1);
  });

  it('never throws and stays short, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 5000 }), (line) => {
        const message = parseCaptureMessage(line);
        return message.kind !== 'other' || message.text.length <= 400;
      }),
    );
  });
});

describe('a 32-bit drop counter', () => {
  it('goes on over its wrap and never goes back', () => {
    expect(advanceCounter(0, 5)).toBe(5);
    expect(advanceCounter(5, null)).toBe(5);
    expect(advanceCounter(2 ** 32 - 2, 3)).toBe(2 ** 32 + 3);
    expect(advanceCounter(2 ** 32 + 3, 10)).toBe(2 ** 32 + 10);
    expect(advanceCounter(100, 90)).toBe(100);
  });
});

describe('interface names', () => {
  it.each(['eth0', 'enp0s31f6', 'vlan.100', 'br-lan', 'any', 'a'])('may be %s', (name) => {
    expect(isInterfaceName(name)).toBe(true);
  });
  it.each(['', '-w', '..', '.', 'a/b', 'a b', 'sixteen-letters-'])('may not be %j', (name) => {
    expect(isInterfaceName(name)).toBe(false);
  });
});

/** A store that fails now and then: the newest version of each record must win in the end. */
describe('batches on their way to the store', () => {
  const batch = (version: number) => ({ assets: [{ id: 'a', name: String(version) }] }) as unknown as FindingsBatch;
  const version = (sent: FindingsBatch) => Number(sent.assets[0]?.name);

  it('are at most four, and wait when the store fails', () => {
    const sender = new BatchSender();
    const sent: number[] = [];
    sender.connect((id) => sent.push(id));
    for (let i = 0; i < 4; i++) {
      expect(sender.ready).toBe(true);
      sender.send(batch(i));
    }
    expect(sender.ready).toBe(false);
    sender.confirmed(1);
    expect(sender.ready).toBe(true);
    sender.failed(2);
    expect(sender.ready).toBe(false);
    expect(sender.waiting).toBe(true);
    sender.resend();
    expect(sent).toEqual([1, 2, 3, 4, 2, 3, 4]);
  });

  it('end with the newest record stored, whatever fails and however often the store is replaced', () => {
    const step = fc.constantFrom('find', 'write', 'write', 'fail', 'retry', 'replace');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const sender = new BatchSender();
        let queue: [number, FindingsBatch][] = [];
        const connect = () => sender.connect((id, sent) => queue.push([id, sent]));
        connect();
        let newest = -1;
        let stored = -1;
        const write = () => {
          const next = queue.shift();
          if (!next) return;
          stored = version(next[1]);
          sender.confirmed(next[0]);
        };
        for (const action of steps) {
          if (action === 'find' && sender.ready) sender.send(batch(++newest));
          else if (action === 'write') write();
          else if (action === 'fail') {
            const next = queue.shift();
            if (next) sender.failed(next[0]);
          } else if (action === 'retry' && sender.waiting) sender.resend();
          else if (action === 'replace') {
            queue = [];
            connect();
          }
        }
        if (sender.waiting) sender.resend();
        while (queue.length > 0) write();
        return sender.unconfirmed === 0 && stored === newest;
      }),
      {
        numRuns: 500,
        // Written by an earlier sending before the batch that had failed; then the store is replaced.
        examples: [[['find', 'find', 'fail', 'retry', 'write', 'replace']]],
      },
    );
  });
});

describe('whether the console would listen on an address of a monitored interface', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1', true],
    ['10.0.0.1', '10.0.0.2', false],
    ['127.0.0.1', '10.0.0.1', false],
    ['0.0.0.0', '10.0.0.1', true],
    ['0.0.0.0', 'fe80::1', false],
    ['::', '10.0.0.1', true],
    ['::', 'fe80::1', true],
    ['::1', 'fe80::1', false],
  ])('%s, where the interface has %s: %s', (host, address, expected) => {
    expect(isListenedOn(host, address)).toBe(expected);
  });
});
