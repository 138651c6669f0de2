/** What a gp3 volume of AWS has whatever its size; more is bought besides. AWS, EBS volume types, 2026-11. */
export const GP3_IOPS = 3_000;
/** MiB/s. */
export const GP3_THROUGHPUT = 125;
