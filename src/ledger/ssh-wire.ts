/** The binary form of ssh (RFC 4251 section 5): what keys, signatures and the talk with an agent are written in. */

/** Text that is not in that form. Caught where a text from outside is read; never passed on. */
export class SshWireError extends Error {
  override readonly name = 'SshWireError';
}

/** Reads one field after the other, and nothing beyond the end. */
export class SshWireReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  take(length: number): Buffer {
    if (length > this.#bytes.length - this.#at) throw new SshWireError('ends too early');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  byte(): number {
    return this.take(1).readUInt8();
  }

  uint32(): number {
    return this.take(4).readUInt32BE();
  }

  /** A string of bytes with its length in front. */
  string(): Buffer {
    return this.take(this.uint32());
  }

  /** A string that is a word of the protocol: ASCII that can be printed, so that it can be shown as it is. */
  word(): string {
    const text = this.string().toString('latin1');
    if (!/^[\x20-\x7e]*$/.test(text)) throw new SshWireError('has a word that is not ASCII');
    return text;
  }

  /** A whole number that is not negative, as its bytes without zeros in front. It has one form only. */
  natural(): Buffer {
    const bytes = this.string();
    if (bytes.length > 0 && (bytes.readUInt8() & 0x80) !== 0) throw new SshWireError('has a negative number');
    if (bytes[0] !== 0) return bytes;
    if (bytes.length === 1 || (bytes.readUInt8(1) & 0x80) === 0) throw new SshWireError('has zeros before a number');
    return bytes.subarray(1);
  }

  rest(): Buffer {
    return this.take(this.#bytes.length - this.#at);
  }

  /** Nothing may follow what was read. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw new SshWireError('goes on after its end');
  }
}

export function wireUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function wireString(value: Uint8Array | string): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([wireUint32(bytes.length), bytes]);
}

/** A whole number that is not negative, from its bytes. */
export function wireNatural(bytes: Uint8Array): Buffer {
  const start = bytes.findIndex((each) => each !== 0);
  const shortest = start === -1 ? bytes.subarray(bytes.length) : bytes.subarray(start);
  const high = shortest[0] !== undefined && (shortest[0] & 0x80) !== 0;
  return wireString(high ? Buffer.concat([Buffer.of(0), shortest]) : shortest);
}
