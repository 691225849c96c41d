/** Builtin types and their numbers in a Variant (OPC 10000-6 section 5.1.2). */
export const BUILTIN = {
  Boolean: 1,
  SByte: 2,
  Byte: 3,
  Int16: 4,
  UInt16: 5,
  Int32: 6,
  UInt32: 7,
  Int64: 8,
  UInt64: 9,
  Float: 10,
  Double: 11,
  String: 12,
  DateTime: 13,
  Guid: 14,
  ByteString: 15,
  XmlElement: 16,
  NodeId: 17,
  ExpandedNodeId: 18,
  StatusCode: 19,
  QualifiedName: 20,
  LocalizedText: 21,
  ExtensionObject: 22,
  DataValue: 23,
  Variant: 24,
  DiagnosticInfo: 25,
} as const;

export type BuiltinName = keyof typeof BUILTIN;

export function isBuiltinName(name: string): name is BuiltinName {
  return Object.hasOwn(BUILTIN, name);
}

const NAMES: readonly string[] = ['Null', ...Object.keys(BUILTIN)];

/** Types 26 to 31 are reserved and read as ByteString. */
export function builtinName(type: number): string {
  return NAMES[type] ?? 'ByteString';
}

/** Bytes of one value, 0 where that differs from value to value. */
const FIXED_SIZES = new Uint8Array(32);
for (const [name, size] of [
  ['Boolean', 1],
  ['SByte', 1],
  ['Byte', 1],
  ['Int16', 2],
  ['UInt16', 2],
  ['Int32', 4],
  ['UInt32', 4],
  ['Int64', 8],
  ['UInt64', 8],
  ['Float', 4],
  ['Double', 8],
  ['DateTime', 8],
  ['Guid', 16],
  ['StatusCode', 4],
] as const) {
  FIXED_SIZES[BUILTIN[name]] = size;
}

export function fixedSize(type: number): number {
  return FIXED_SIZES[type] ?? 0;
}

export const VARIANT_TYPE = 0x3f;
export const VARIANT_DIMENSIONS = 0x40;
export const VARIANT_ARRAY = 0x80;

export const DATA_VALUE = {
  value: 0x01,
  status: 0x02,
  sourceTimestamp: 0x04,
  serverTimestamp: 0x08,
  sourcePicoseconds: 0x10,
  serverPicoseconds: 0x20,
} as const;
