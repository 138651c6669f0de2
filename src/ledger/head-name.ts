/** The ConfigMap with the heads that a cluster remembers. Pure. */
export const HEAD_NAME = 'larder-ledger-head';
