/** Ends in a zero byte, so that no other signed message of this key can be taken for an order. */
export const ORDER_SIGNING_CONTEXT = "watchpost-script-order-v1\0";

/** An approval, and the order that comes of it, live this long at most. */
export const ORDER_LIFETIME_MS_MAX = 600_000;

/** The bytes that the signature of a SignedOrder covers. */
export function orderSigningInput(order: Uint8Array): Uint8Array<ArrayBuffer> {
  const context = new TextEncoder().encode(ORDER_SIGNING_CONTEXT);
  const input = new Uint8Array(context.length + order.length);
  input.set(context);
  input.set(order, context.length);
  return input;
}
