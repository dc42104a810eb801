// A foreign party that resolves a town's trust chain by itself: @openid-federation/core, fetching from running programs.
// Prints what it made of it as JSON: how many chains hold, who stands in the first, and the metadata it resolves to.
import { webcrypto } from 'node:crypto';
import { resolveTrustChains } from '@openid-federation/core';

const [entityId, anchor, thumbprint] = process.argv.slice(2);

const verifyJwtCallback = async ({ header, jwk, signature, data, claims }) => {
  // The library takes the anchor's own word for its keys; whoever uses it pins them.
  if (claims.iss === anchor && header.kid !== thumbprint) return false;
  if (header.alg !== 'ES256') return false;
  const curve = { name: 'ECDSA', namedCurve: 'P-256' };
  const key = await webcrypto.subtle.importKey('jwk', { kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y }, curve, false, ['verify']);
  return webcrypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, signature, data);
};

const chains = await resolveTrustChains({ entityId, trustAnchorEntityIds: [anchor], verifyJwtCallback });
const [first] = chains;
process.stdout.write(JSON.stringify({
  chains: chains.length,
  issuers: first?.chain.map((statement) => statement.iss) ?? [],
  metadata: first?.resolvedLeafMetadata ?? null,
}));
