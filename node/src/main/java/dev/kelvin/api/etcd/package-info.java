/**
 * etcd's gRPC API on the client port. Only this package knows grpc-java; what it does with a
 * request is in {@link dev.kelvin.api.Requests}.
 */
package dev.kelvin.api.etcd;
