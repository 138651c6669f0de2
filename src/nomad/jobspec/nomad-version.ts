/** The version whose keys and defaults a job is read with. Jobs from 0.12 on are read; what they spell otherwise is known. */
export const nomadVersion = '2.1';
