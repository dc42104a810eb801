// A municipality's own identity provider: oidc-provider with one person, who signs in by an HTML form of ours.
// The configuration comes as JSON on the command line: port, clients, accounts.
import { createServer } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';

const { port, clients, accounts } = JSON.parse(process.argv[2]);
const issuer = `http://localhost:${port}`;
const key = (type, options, more) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), use: 'sig', ...more,
});

const provider = new Provider(issuer, {
  clients,
  acrValues: ['urn:city:mfa'],
  claims: {
    openid: ['sub', 'acr', 'amr'], profile: ['name', 'employee', 'department', 'groups'],
    auth_time: null, sid: null, iss: null,
  },
  cookies: { keys: ['only for this rehearsal'] },
  features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
  // Its own address guard refuses loopback, where this rehearsal lives.
  fetch: (url, { dispatcher: _guard, ...options }) => fetch(url, options),
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...accounts[id].claims }) }),
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  jwks: {
    keys: [key('rsa', { modulusLength: 2048 }, { alg: 'RS256', kid: 'rsa' }), key('ec', { namedCurve: 'P-256' }, { alg: 'ES256', kid: 'ec' })],
  },
  pkce: { required: () => true },
  ttl: { Session: 600, Interaction: 600, Grant: 600, AccessToken: 60, IdToken: 300 },
});

for (const event of ['grant.error', 'server_error', 'authorization.error', 'backchannel.error']) {
  provider.on(event, (_ctx, error) => console.error(event, error.error_description, error.error_detail, error.cause));
}

const form = (uid) => `<!doctype html><form method="post" action="/interaction/${uid}"><input name="account"></form>`;

async function interact(request, response, uid) {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  if (request.method === 'GET') {
    response.setHeader('Content-Type', 'text/html');
    response.end(form(uid));
    return;
  }
  let body = '';
  for await (const chunk of request) body += chunk;
  const account = new URLSearchParams(body).get('account');
  if (account === 'nobody') {
    await provider.interactionFinished(request, response, { error: 'access_denied' });
    return;
  }
  const accountId = session?.accountId && prompt.name !== 'login' ? session.accountId : account;
  const grant = grantId ? await provider.Grant.find(grantId) : new provider.Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const { acr, amr } = accounts[accountId];
  await provider.interactionFinished(request, response, { login: { accountId, acr, amr }, consent: { grantId: await grant.save() } });
}

const answer = provider.callback();
createServer(async (request, response) => {
  const uid = /^\/interaction\/([^/?]+)/.exec(request.url);
  try {
    if (uid) await interact(request, response, uid[1]);
    else answer(request, response);
  } catch (error) {
    console.error(error);
    response.statusCode = 500;
    response.end();
  }
}).listen(port, '127.0.0.1', () => console.log(`listening on ${issuer}`));
