// What process values cost a message: an answer of 100 registers that has not changed, one with a change, one that is new.
// `npm run build` first, then `node bench/variables.mjs`.
import { VariableTracker } from '../dist/sensor/process/variable-tracker.js';

const REGISTERS = 100;
const ROUNDS = 200_000;

const buf = new Uint8Array(REGISTERS * 2);
const protocol = { name: 'modbus', title: 'Modbus', operations: [], fields: [], anomalies: [] };
const pdu = {
  unit: 1,
  variables: REGISTERS,
  valuesAreWritten: false,
  valuesBuf: buf,
  valuesFrom: 0,
  valuesTo: buf.length,
  readVariable(index, into) {
    into.space = 'holding_register';
    into.address = index;
    into.bit = -1;
    into.type = 'uint16';
    into.text = null;
    into.value = (buf[index * 2] << 8) | buf[index * 2 + 1];
  },
};
const source = { index: 0, period: 1_000_000 };

function measure(name, change) {
  const tracker = new VariableTracker(true);
  const server = tracker.serverOf('asset', '10.0.0.1', protocol);
  const round = (n) => {
    change(n);
    tracker.observe(pdu, source, server, '10.0.0.2', 'client', n * 1_000_000, false);
  };
  for (let n = 0; n < ROUNDS / 10; n++) round(n);
  const began = process.hrtime.bigint();
  for (let n = 0; n < ROUNDS; n++) round(ROUNDS + n);
  const nanos = Number(process.hrtime.bigint() - began) / ROUNDS;
  process.stdout.write(`${name.padEnd(36)} ${nanos.toFixed(0).padStart(6)} ns a message of ${REGISTERS} registers\n`);
}

measure('nothing changed', () => {});
measure('one register changed', (n) => {
  buf[100] = n & 255;
});
measure('every register changed', (n) => {
  buf.fill(n & 255);
});
