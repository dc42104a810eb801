// A foreign federation: an anchor, an intermediate and a relying party whose statements @openid-federation/core makes.
// Prints as JSON the chain from the party up, the anchor's id and its keys.
import { webcrypto } from 'node:crypto';
import { createEntityConfiguration, createEntityStatement } from '@openid-federation/core';

const curve = { name: 'ECDSA', namedCurve: 'P-256' };
const now = Math.floor(Date.now() / 1000);
const entities = {};
for (const name of ['anchor', 'middle', 'party']) {
  const { privateKey, publicKey } = await webcrypto.subtle.generateKey(curve, true, ['sign']);
  const { kty, crv, x, y } = await webcrypto.subtle.exportKey('jwk', publicKey);
  entities[name] = { id: `https://${name}.foreign.example`, privateKey, jwk: { kty, crv, x, y, kid: name, alg: 'ES256', use: 'sig' } };
}

const signedBy = (entity) => async ({ toBeSigned }) =>
  new Uint8Array(await webcrypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, entity.privateKey, toBeSigned));
const said = (issuer, subject, more) => ({
  iss: issuer.id, sub: subject.id, iat: now, exp: now + 600, jwks: { keys: [subject.jwk] }, ...more,
});
const own = (entity, more) => createEntityConfiguration({
  header: { alg: 'ES256', kid: entity.jwk.kid, typ: 'entity-statement+jwt' },
  claims: said(entity, entity, more),
  signJwtCallback: signedBy(entity),
});
const about = (issuer, subject, more) => createEntityStatement({
  header: { alg: 'ES256', kid: issuer.jwk.kid, typ: 'entity-statement+jwt' },
  jwk: issuer.jwk,
  claims: said(issuer, subject, more),
  signJwtCallback: signedBy(issuer),
});

const { anchor, middle, party } = entities;
const metadata = {
  openid_relying_party: {
    client_registration_types: ['automatic'], redirect_uris: [`${party.id}/callback`], contacts: ['party'],
  },
};
const policy = (contact) => ({ metadata_policy: { openid_relying_party: { contacts: { add: [contact] } } } });
const chain = [
  await own(party, { authority_hints: [middle.id], metadata }),
  await about(middle, party, policy('middle')),
  await about(anchor, middle, { ...policy('anchor'), constraints: { max_path_length: 1 } }),
  await own(anchor, { metadata: { federation_entity: { federation_fetch_endpoint: `${anchor.id}/fetch` } } }),
];
process.stdout.write(JSON.stringify({ chain, anchor: anchor.id, jwks: { keys: [anchor.jwk] } }));
