/** Who signs: a key of an operator, wherever it lives (a file, an agent, a hardware token). */
export interface Signer {
  /** OpenSSH, `type base64` without a comment. */
  readonly publicKey: string;
  /** Armored ssh signature (`ssh-keygen -Y sign`) of the UTF-8 bytes of `message`. */
  sign(message: string, namespace: string, signal?: AbortSignal): Promise<string>;
}
