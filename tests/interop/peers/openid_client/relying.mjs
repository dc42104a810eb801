// A relying party we did not write, in the FAPI 2.0 profile: reads one JSON line of what to be, then one command a line,
// and answers each with one JSON line. What it refuses or is refused is told as {"error": ...}.

import { createInterface } from "node:readline";
import * as client from "openid-client";
import * as jose from "jose";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => JSON.parse((await lines.next()).value);
const say = (answer) => process.stdout.write(JSON.stringify(answer) + "\n");

const { issuer, clientId, kid, jwk } = await next();
const key = await crypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
const metadata = {
  id_token_signed_response_alg: "ES256",
  require_pushed_authorization_requests: true,
  dpop_bound_access_tokens: true,
};
const config = await client.discovery(new URL(issuer), clientId, metadata, client.PrivateKeyJwt({ key, kid }), {
  execute: [client.allowInsecureRequests],
});
const keys = await client.randomDPoPKeyPair("ES256");
const DPoP = client.getDPoPHandle(config, keys);
const kept = {};

const verbs = {
  async authorize({ redirectUri, scope }) {
    kept.verifier = client.randomPKCECodeVerifier();
    kept.state = client.randomState();
    kept.nonce = client.randomNonce();
    const asked = {
      redirect_uri: redirectUri,
      scope,
      state: kept.state,
      nonce: kept.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(kept.verifier),
      code_challenge_method: "S256",
    };
    return { url: (await client.buildAuthorizationUrlWithPAR(config, asked, { DPoP })).href };
  },
  async callback({ url }) {
    const checks = {
      pkceCodeVerifier: kept.verifier,
      expectedState: kept.state,
      expectedNonce: kept.nonce,
      idTokenExpected: true,
    };
    kept.tokens = await client.authorizationCodeGrant(config, new URL(url), checks, undefined, { DPoP });
    return { claims: kept.tokens.claims(), scope: kept.tokens.scope, type: kept.tokens.token_type };
  },
  async userinfo() {
    return client.fetchUserInfo(config, kept.tokens.access_token, kept.tokens.claims().sub, { DPoP });
  },
  async revoke() {
    await client.tokenRevocation(config, kept.tokens.access_token);
    return {};
  },
  async logout({ redirectUri }) {
    const asked = { id_token_hint: kept.tokens.id_token, post_logout_redirect_uri: redirectUri, state: "bye" };
    return { url: client.buildEndSessionUrl(config, asked).href };
  },
  async node({ scope }) {
    const granted = await client.clientCredentialsGrant(config, { scope }, { DPoP });
    return { scope: granted.scope, type: granted.token_type };
  },
  async visit({ sub, acr }) {
    const now = Math.floor(Date.now() / 1000);
    const cnf = { jkt: await jose.calculateJwkThumbprint(await jose.exportJWK(keys.publicKey)) };
    const grant = await new jose.SignJWT({ client_id: clientId, acr, auth_time: now - 60, cnf })
      .setProtectedHeader({ alg: "ES256", typ: "oauth-id-jag+jwt", kid })
      .setIssuer(clientId)
      .setSubject(sub)
      .setAudience(issuer)
      .setIssuedAt(now)
      .setExpirationTime(now + 60)
      .setJti(crypto.randomUUID())
      .sign(key);
    const granted = await client.genericGrantRequest(
      config,
      "urn:ietf:params:oauth:grant-type:jwt-bearer",
      { assertion: grant },
      { DPoP },
    );
    return { type: granted.token_type, seconds: granted.expires_in };
  },
};

say({ metadata: config.serverMetadata() });
for (;;) {
  const line = await lines.next();
  if (line.done) break;
  const { verb, ...given } = JSON.parse(line.value);
  try {
    say(await verbs[verb](given));
  } catch (error) {
    say({ error: error.error ?? error.code ?? error.message, cause: String(error.cause?.message ?? error.cause ?? "") });
  }
}
