// Another municipality's provider, by the FAPI 2.0 Security Profile: oidc-provider with one person, who is signed in already.
// The configuration comes as JSON on the command line: port, key (a private JWK), clients, acr.
import { createServer } from 'node:http';
import { createHash } from 'node:crypto';
import Provider from 'oidc-provider';

const { port, key, clients, acr } = JSON.parse(process.argv[2]);
const issuer = `http://localhost:${port}`;

const provider = new Provider(issuer, {
  clients,
  acrValues: [acr],
  claims: { openid: ['sub', 'acr'], auth_time: null, iss: null },
  clientAuthMethods: ['private_key_jwt'],
  cookies: { keys: ['only for this rehearsal'] },
  enabledJWA: { clientAuthSigningAlgValues: ['ES256'], dPoPSigningAlgValues: ['ES256'], idTokenSigningAlgValues: ['ES256'] },
  features: {
    devInteractions: { enabled: false },
    dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 1), requireNonce: () => true },
    fapi: { enabled: true, profile: '2.0' },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
    rpInitiatedLogout: { enabled: true },
  },
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  jwks: { keys: [{ ...key, use: 'sig', alg: 'ES256' }] },
  pairwiseIdentifier: (_ctx, id, client) => createHash('sha256').update(`${client.clientId} ${id}`).digest('base64url'),
  pkce: { required: () => true },
  responseTypes: ['code'],
  subjectTypes: ['pairwise'],
  ttl: { Session: 600, Interaction: 600, Grant: 600, AccessToken: 300, IdToken: 300 },
});

for (const event of ['grant.error', 'server_error', 'authorization.error', 'pushed_authorization_request.error']) {
  provider.on(event, (_ctx, error) => console.error(event, error.error_description, error.error_detail, error.cause));
}

async function interact(request, response) {
  const { params } = await provider.interactionDetails(request, response);
  const grant = new provider.Grant({ accountId: 'taro', clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const login = { accountId: 'taro', acr, amr: ['pwd'] };
  await provider.interactionFinished(request, response, { login, consent: { grantId: await grant.save() } });
}

const answer = provider.callback();
createServer(async (request, response) => {
  try {
    if (request.url.startsWith('/interaction/')) await interact(request, response);
    else answer(request, response);
  } catch (error) {
    console.error(error);
    response.statusCode = 500;
    response.end();
  }
}).listen(port, '127.0.0.1', () => console.log(`listening on ${issuer}`));
