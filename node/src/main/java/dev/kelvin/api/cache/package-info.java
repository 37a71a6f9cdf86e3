/**
 * The plain TCP doors: the binary cache protocol and JSON, one object per line (docs/protocols.md).
 * They translate, bound what a client can make grow, keep the order of a connection, and hand over.
 */
package dev.kelvin.api.cache;
