/** `http://opcfoundation.org/UA/SecurityPolicy#` and a name (OPC 10000-7 section 6.6). */
export interface SecurityPolicy {
  readonly name: string;
  /** Bytes of the signature at the end of a signed MSG or CLO chunk. */
  readonly signatureSize: number;
}

const PREFIX = 'http://opcfoundation.org/UA/SecurityPolicy#';

const SIGNATURE_SIZES: Readonly<Record<string, number>> = {
  None: 0,
  Basic128Rsa15: 20,
  Basic256: 20,
  Basic256Sha256: 32,
  Aes128_Sha256_RsaOaep: 32,
  Aes256_Sha256_RsaPss: 32,
  ECC_nistP256: 32,
  ECC_nistP384: 48,
  ECC_brainpoolP256r1: 32,
  ECC_brainpoolP384r1: 48,
  ECC_curve25519: 16,
  ECC_curve448: 16,
};

const POLICIES = new Map(
  Object.entries(SIGNATURE_SIZES).map(([name, signatureSize]) => [PREFIX + name, { name, signatureSize }] as const),
);

/** null for a policy that nobody knows: its messages may be signed and encrypted in any way. */
export function policyOf(uri: string): SecurityPolicy | null {
  return POLICIES.get(uri) ?? null;
}

/** Signatures that a message may end in when its policy was not seen. */
export function isSignatureSize(size: number): boolean {
  return size === 16 || size === 20 || size === 32 || size === 48;
}

export const MODES = ['invalid', 'none', 'sign', 'sign_and_encrypt'] as const;
