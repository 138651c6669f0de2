/** The two objects that the requirement shows, as they stand there. */

export const policyExample = `apiVersion: pvc-chonker.io/v1alpha1
kind: PVCPolicy
metadata:
  name: database-policy
  namespace: production
spec:
  selector:
    matchLabels:
      workload: database
  template:
    initialSize: "100Gi"
    threshold: "85%"
    increase: "25%"
    maxSize: "2000Gi"
    minIncrease: "50Gi"
    provider: "aws"
    providerConfig:
      volumeType: "gp3"
      iops: 3000
`;

export const groupExample = `apiVersion: pvc-chonker.io/v1alpha1
kind: PVCGroup
metadata:
  name: elasticsearch-cluster
spec:
  groupName: "es-data"
  coordinationPolicy: "largest"
  members:
  - namespace: "elastic"
    name: "data-es-master-0"
  - namespace: "elastic"
    name: "data-es-master-1"
  status:
    currentSize: "500Gi"
    lastExpansion: "2024-01-15T10:30:00Z"
    expansionHistory:
    - timestamp: "2024-01-15T10:30:00Z"
      fromSize: "400Gi"
      toSize: "500Gi"
      reason: "threshold_reached"
`;
