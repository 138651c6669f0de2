/** What `larder nomad` is, for who has its verbs. */
export const group = {
  name: 'nomad',
  description: 'Move Nomad jobs to Kubernetes: assess, convert, check, and account for every line.',
};
