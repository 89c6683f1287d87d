/** 128 random bits as 32 hex digits. Not `randomUUID()`: that is missing on plain http. */
export const mintId = (): string =>
  crypto.getRandomValues(new Uint8Array(32)).reduce((id, byte) => id + (byte % 16).toString(16), '')
