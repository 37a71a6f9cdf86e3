/**
 * Histories of etcd's KV service as clients see it, and whether they are linearizable. Used by the
 * simulation, by chaos on real processes, and by the checking client of the end-to-end tests.
 */
package dev.kelvin.checker;
