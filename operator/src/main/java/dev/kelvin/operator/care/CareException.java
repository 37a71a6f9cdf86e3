package dev.kelvin.operator.care;

import io.grpc.Status;

/** A node refused, or did not answer in time: then it may have done what it was asked. */
public final class CareException extends Exception {
  private static final long serialVersionUID = 1;

  private final transient Status status;

  CareException(CareAddress address, Status status) {
    super(
        "%s: %s"
            .formatted(
                address,
                status.getDescription() == null
                    ? status.getCode().toString()
                    : status.getDescription()));
    this.status = status;
  }

  private CareException(String message, Status status) {
    super(message);
    this.status = status;
  }

  /** There is nobody to ask: the pod has no address, or no node answers that could be asked. */
  public static CareException noAddress(String whom) {
    return new CareException(whom + ": no address to ask at", Status.UNAVAILABLE);
  }

  /** gRPC's code of the refusal; it carries etcd's text where etcd has one. */
  public Status.Code code() {
    return status.getCode();
  }
}
