/**
 * Load generator for any etcd v3 endpoint, a ledger that finds lost acknowledged writes, and the
 * comparison of three etcd nodes with three Kelvin nodes.
 */
package dev.kelvin.bench;
