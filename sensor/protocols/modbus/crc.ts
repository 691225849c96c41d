const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  return crc;
});

/** CRC-16/MODBUS (Modbus over Serial Line V1.02, 6.2.2): polynomial 0xA001 reflected, start 0xFFFF. */
export function crc16(buf: Uint8Array, from: number, to: number): number {
  let crc = 0xffff;
  for (let at = from; at < to; at++) crc = (crc >>> 8) ^ TABLE[(crc ^ buf[at]!) & 0xff]!;
  return crc;
}
