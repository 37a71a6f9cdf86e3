package dev.kelvin.api.etcd;

import grpc.health.v1.HealthGrpc;
import grpc.health.v1.HealthOuterClass.HealthCheckRequest;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;

/**
 * gRPC's health protocol as etcd has it: of the server as a whole (the service named ""), which
 * serves as long as it runs. Readiness is on the HTTP port.
 */
@GrpcService
public class HealthService extends HealthGrpc.HealthImplBase {
  private static final HealthCheckResponse SERVING =
      HealthCheckResponse.newBuilder().setStatus(HealthCheckResponse.ServingStatus.SERVING).build();

  /** Of the health protocol; Quarkus's stubs are older than it. */
  private static final int SERVICE_UNKNOWN = 3;

  private static final HealthCheckResponse UNKNOWN =
      HealthCheckResponse.newBuilder().setStatusValue(SERVICE_UNKNOWN).build();

  @Override
  public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
    if (request.getService().isEmpty()) {
      observer.onNext(SERVING);
      observer.onCompleted();
    } else {
      observer.onError(Status.NOT_FOUND.withDescription("unknown service").asRuntimeException());
    }
  }

  /** The state never changes while the server runs, so one answer is all there is to say. */
  @Override
  public void watch(HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
    ((ServerCallStreamObserver<HealthCheckResponse>) observer).setOnCancelHandler(() -> {});
    observer.onNext(request.getService().isEmpty() ? SERVING : UNKNOWN);
  }
}
