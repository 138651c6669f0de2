/** Of one option: how its text in a tag is read. `texts`: a comma list. `by key`: the rest of the tag's name is a key. */
export type OptionKind =
  | 'text'
  | 'flag'
  | 'number'
  | 'number or text'
  | 'texts'
  | 'numbers'
  | 'texts by key'
  | 'numbers by key'
  | 'free';

/** Options by their name in the custom resource; tags write them in any case. */
export interface OptionTable {
  readonly [name: string]: OptionKind | OptionTable;
}

/** Middlewares of HTTP, from the schema of Traefik 3.7's Middleware (traefik.io/v1alpha1); a test compares the two. */
export const middlewareOptions = {
  addPrefix: { prefix: 'text' },
  basicAuth: { headerField: 'text', realm: 'text', removeHeader: 'flag', secret: 'text' },
  buffering: {
    maxRequestBodyBytes: 'number',
    maxResponseBodyBytes: 'number',
    memRequestBodyBytes: 'number',
    memResponseBodyBytes: 'number',
    retryExpression: 'text',
  },
  circuitBreaker: {
    checkPeriod: 'number or text',
    expression: 'text',
    fallbackDuration: 'number or text',
    recoveryDuration: 'number or text',
    responseCode: 'number',
  },
  compress: {
    defaultEncoding: 'text',
    encodings: 'texts',
    excludedContentTypes: 'texts',
    includedContentTypes: 'texts',
    minResponseBodyBytes: 'number',
  },
  contentType: { autoDetect: 'flag' },
  digestAuth: { headerField: 'text', realm: 'text', removeHeader: 'flag', secret: 'text' },
  encodedCharacters: {
    allowEncodedBackSlash: 'flag',
    allowEncodedHash: 'flag',
    allowEncodedNullCharacter: 'flag',
    allowEncodedPercent: 'flag',
    allowEncodedQuestionMark: 'flag',
    allowEncodedSemicolon: 'flag',
    allowEncodedSlash: 'flag',
  },
  errors: {
    query: 'text',
    // a tag names it; the rules find its name and port
    service: { name: 'text', port: 'number or text' },
    status: 'texts',
    statusRewrites: 'numbers by key',
  },
  forwardAuth: {
    addAuthCookiesToResponse: 'texts',
    address: 'text',
    authRequestHeaders: 'texts',
    authResponseHeaders: 'texts',
    authResponseHeadersRegex: 'text',
    authSigninURL: 'text',
    forwardBody: 'flag',
    headerField: 'text',
    maxBodySize: 'number',
    maxResponseBodySize: 'number',
    preserveLocationHeader: 'flag',
    preserveRequestMethod: 'flag',
    tls: { caOptional: 'flag', caSecret: 'text', certSecret: 'text', insecureSkipVerify: 'flag' },
    trustForwardHeader: 'flag',
  },
  grpcWeb: { allowOrigins: 'texts' },
  headers: {
    accessControlAllowCredentials: 'flag',
    accessControlAllowHeaders: 'texts',
    accessControlAllowMethods: 'texts',
    accessControlAllowOriginList: 'texts',
    accessControlAllowOriginListRegex: 'texts',
    accessControlExposeHeaders: 'texts',
    accessControlMaxAge: 'number',
    addVaryHeader: 'flag',
    allowedHosts: 'texts',
    browserXssFilter: 'flag',
    contentSecurityPolicy: 'text',
    contentSecurityPolicyReportOnly: 'text',
    contentTypeNosniff: 'flag',
    customBrowserXSSValue: 'text',
    customFrameOptionsValue: 'text',
    customRequestHeaders: 'texts by key',
    customResponseHeaders: 'texts by key',
    featurePolicy: 'text',
    forceSTSHeader: 'flag',
    frameDeny: 'flag',
    hostsProxyHeaders: 'texts',
    isDevelopment: 'flag',
    permissionsPolicy: 'text',
    publicKey: 'text',
    referrerPolicy: 'text',
    sslForceHost: 'flag',
    sslHost: 'text',
    sslProxyHeaders: 'texts by key',
    sslRedirect: 'flag',
    sslTemporaryRedirect: 'flag',
    stsIncludeSubdomains: 'flag',
    stsPreload: 'flag',
    stsSeconds: 'number',
  },
  inFlightReq: {
    amount: 'number',
    sourceCriterion: {
      ipStrategy: { depth: 'number', excludedIPs: 'texts', ipv6Subnet: 'number' },
      requestHeaderName: 'text',
      requestHost: 'flag',
    },
  },
  ipAllowList: {
    ipStrategy: { depth: 'number', excludedIPs: 'texts', ipv6Subnet: 'number' },
    rejectStatusCode: 'number',
    sourceRange: 'texts',
  },
  ipWhiteList: { ipStrategy: { depth: 'number', excludedIPs: 'texts', ipv6Subnet: 'number' }, sourceRange: 'texts' },
  passTLSClientCert: {
    info: {
      issuer: {
        commonName: 'flag',
        country: 'flag',
        domainComponent: 'flag',
        locality: 'flag',
        organization: 'flag',
        province: 'flag',
        serialNumber: 'flag',
      },
      notAfter: 'flag',
      notBefore: 'flag',
      sans: 'flag',
      serialNumber: 'flag',
      subject: {
        commonName: 'flag',
        country: 'flag',
        domainComponent: 'flag',
        locality: 'flag',
        organization: 'flag',
        organizationalUnit: 'flag',
        province: 'flag',
        serialNumber: 'flag',
      },
    },
    pem: 'flag',
  },
  rateLimit: {
    average: 'number',
    burst: 'number',
    period: 'number or text',
    redis: {
      db: 'number',
      dialTimeout: 'number or text',
      endpoints: 'texts',
      maxActiveConns: 'number',
      minIdleConns: 'number',
      poolSize: 'number',
      readTimeout: 'number or text',
      secret: 'text',
      tls: { caSecret: 'text', certSecret: 'text', insecureSkipVerify: 'flag' },
      writeTimeout: 'number or text',
    },
    sourceCriterion: {
      ipStrategy: { depth: 'number', excludedIPs: 'texts', ipv6Subnet: 'number' },
      requestHeaderName: 'text',
      requestHost: 'flag',
    },
  },
  redirectRegex: { permanent: 'flag', regex: 'text', replacement: 'text' },
  redirectScheme: { permanent: 'flag', port: 'text', scheme: 'text' },
  replacePath: { path: 'text' },
  replacePathRegex: { regex: 'text', replacement: 'text' },
  retry: {
    attempts: 'number',
    disableRetryOnNetworkError: 'flag',
    initialInterval: 'number or text',
    maxRequestBodyBytes: 'number',
    retryNonIdempotentMethod: 'flag',
    status: 'texts',
    timeout: 'number or text',
  },
  stripPrefix: { forceSlash: 'flag', prefixes: 'texts' },
  stripPrefixRegex: { regex: 'texts' },
} as const satisfies OptionTable;

export const tcpMiddlewareOptions = {
  inFlightConn: { amount: 'number' },
  ipAllowList: { sourceRange: 'texts' },
  ipWhiteList: { sourceRange: 'texts' },
} as const satisfies OptionTable;

/** What a service's `loadbalancer` may say, as the service of an IngressRoute. */
export const loadBalancerOptions = {
  healthCheck: {
    followRedirects: 'flag',
    headers: 'texts by key',
    hostname: 'text',
    interval: 'number or text',
    method: 'text',
    mode: 'text',
    path: 'text',
    port: 'number',
    scheme: 'text',
    status: 'number',
    timeout: 'number or text',
    unhealthyInterval: 'number or text',
  },
  passHostHeader: 'flag',
  responseForwarding: { flushInterval: 'text' },
  scheme: 'text',
  serversTransport: 'text',
  sticky: {
    cookie: {
      domain: 'text',
      httpOnly: 'flag',
      maxAge: 'number',
      name: 'text',
      path: 'text',
      sameSite: 'text',
      secure: 'flag',
    },
  },
  strategy: 'text',
} as const satisfies OptionTable;

export const tcpLoadBalancerOptions = {
  proxyProtocol: { version: 'number' },
  serversTransport: 'text',
  terminationDelay: 'number',
  tls: 'flag',
} as const satisfies OptionTable;

/** A service of UDP has nothing but its servers. */
export const udpLoadBalancerOptions = {} as const satisfies OptionTable;

export const serversTransportOptions = {
  certificatesSecrets: 'texts',
  cipherSuites: 'texts',
  disableHTTP2: 'flag',
  forwardingTimeouts: {
    dialTimeout: 'number or text',
    idleConnTimeout: 'number or text',
    pingTimeout: 'number or text',
    readIdleTimeout: 'number or text',
    responseHeaderTimeout: 'number or text',
  },
  insecureSkipVerify: 'flag',
  maxIdleConnsPerHost: 'number',
  maxVersion: 'text',
  minVersion: 'text',
  peerCertURI: 'text',
  rootCAsSecrets: 'texts',
  serverName: 'text',
} as const satisfies OptionTable;
