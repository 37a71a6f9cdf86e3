/**
 * A small client for etcd's v3 API: several endpoints, fail-over, no library. It starts in
 * milliseconds, which is what the command line needs; for many calls at a time there are the stubs
 * and grpc-java. Begin reading at {@link dev.kelvin.client.Client}.
 */
package dev.kelvin.client;
