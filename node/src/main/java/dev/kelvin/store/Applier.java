package dev.kelvin.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import dev.kelvin.proto.etcdserverpb.CompactionRequest;
import dev.kelvin.proto.etcdserverpb.CompactionResponse;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.DeleteRangeResponse;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.PutResponse;
import dev.kelvin.proto.etcdserverpb.ResponseHeader;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * Carries out one batch of commands: reads through an {@link Overlay}, collects rows in a {@link
 * RowBatch}. The same commands on the same state give the same rows on every member.
 */
final class Applier {
  private final Overlay state;
  private final RowBatch batch;
  private ClusterState cluster;

  /** Changes of the request under way. */
  private int changes;

  /** Changes of the batch; null if nobody wants them. */
  private final List<Change> told;

  Applier(Overlay state, RowBatch batch, ClusterState cluster, boolean tell) {
    this.state = state;
    this.batch = batch;
    this.cluster = cluster;
    told = tell ? new ArrayList<>() : null;
  }

  /** Changes of all commands so far; null if they were not to be told. */
  List<Change> told() {
    return told;
  }

  ClusterState cluster() {
    return cluster;
  }

  Overlay state() {
    return state;
  }

  /**
   * Applies a command.
   *
   * @param wanted whether somebody waits for the outcome
   * @return null if not wanted, or at will
   */
  Outcome apply(Command command, boolean wanted) {
    changes = 0;
    try {
      var outcome =
          switch (command.kind()) {
            case PUT -> putRequest(parse(PutRequest.parser(), command), wanted);
            case DELETE_RANGE -> deleteRequest(parse(DeleteRangeRequest.parser(), command), wanted);
            case TXN -> new Txn(this, wanted).run(parse(TxnRequest.parser(), command));
            case COMPACT -> compact(parse(CompactionRequest.parser(), command));
            case MEMBER -> member(command.payload().toByteArray());
          };
      if (changes > 0) {
        state.revision(state.revision() + 1);
      }
      return outcome;
    } catch (InvalidProtocolBufferException e) {
      return new Outcome.Failed(StoreError.MALFORMED);
    }
  }

  /** Keys and values of the request are views of the entry's data. */
  private static <T> T parse(Parser<T> parser, Command command)
      throws InvalidProtocolBufferException {
    var bytes = command.payload().newCodedInput();
    bytes.enableAliasing(true);
    var request = parser.parseFrom(bytes);
    bytes.checkLastTagWas(0);
    return request;
  }

  /** Revision that the request under way leaves behind, as far as it has come. */
  long revisionSoFar() {
    return state.revision() + (changes > 0 ? 1 : 0);
  }

  private Outcome putRequest(PutRequest request, boolean wanted) {
    var error = checkPut(request);
    if (error != null) {
      return new Outcome.Failed(error);
    }
    var previous = put(request);
    if (!wanted) {
      return null;
    }
    return request.getPrevKv()
        ? new Outcome.Done(putResponse(request, previous))
        : new Outcome.PutDone(revisionSoFar());
  }

  private Outcome deleteRequest(DeleteRangeRequest request, boolean wanted) {
    var response = delete(request, wanted);
    return wanted ? new Outcome.Done(response.build()) : null;
  }

  /** Why a put cannot be done, or null. */
  StoreError checkPut(PutRequest request) {
    if (request.getLease() != 0) {
      return StoreError.LEASE_NOT_FOUND;
    }
    return (request.getIgnoreValue() || request.getIgnoreLease())
            && state.current(request.getKey()) == null
        ? StoreError.KEY_NOT_FOUND
        : null;
  }

  /** Puts; returns the version before, without value unless it was at hand. */
  Version put(PutRequest request) {
    var key = request.getKey();
    var previous = state.current(key);
    // A nested transaction of a malformed kind can delete what the check saw.
    var value =
        request.getIgnoreValue() && previous != null
            ? state.withValue(previous).value()
            : request.getValue();
    long lease = request.getIgnoreLease() && previous != null ? previous.lease() : 0;
    long mod = state.revision() + 1;
    write(
        key,
        new Version(
            mod,
            changes,
            previous == null ? mod : previous.create(),
            previous == null ? 1 : previous.version() + 1,
            lease,
            value),
        previous);
    return previous;
  }

  PutResponse putResponse(PutRequest request, Version previous) {
    var response = PutResponse.newBuilder().setHeader(header(revisionSoFar()));
    if (request.getPrevKv() && previous != null) {
      response.setPrevKv(state.withValue(previous).toKeyValue(request.getKey()));
    }
    return response.build();
  }

  DeleteRangeResponse.Builder delete(DeleteRangeRequest request, boolean wanted) {
    record Found(ByteString key, Version version) {}
    var found = new ArrayList<Found>();
    if (Ranges.single(request.getRangeEnd())) {
      var version = state.current(request.getKey());
      if (version != null) {
        found.add(new Found(request.getKey(), version));
      }
    } else {
      try (var scan =
          state.scan(request.getKey(), Ranges.end(request.getRangeEnd()), Long.MAX_VALUE)) {
        while (scan.next()) {
          found.add(new Found(scan.key(), scan.version()));
        }
      }
    }
    var response = DeleteRangeResponse.newBuilder().setDeleted(found.size());
    for (var gone : found) {
      if (wanted && request.getPrevKv()) {
        response.addPrevKvs(state.withValue(gone.version).toKeyValue(gone.key));
      }
      write(gone.key, Version.tombstone(state.revision() + 1, changes), gone.version);
    }
    return response.setHeader(header(revisionSoFar()));
  }

  private void write(ByteString key, Version version, Version previous) {
    if (version.deleted()) {
      batch.delete(Rows.now(key));
    } else {
      batch.put(Rows.now(key), Rows.nowValue(version));
    }
    batch.put(
        Rows.history(Rows.historyPrefix(key), version.mod(), version.sub()),
        Rows.historyValue(version));
    batch.putEvent(
        Rows.event(version.mod(), version.sub()), Rows.eventValue(key, version, previous));
    state.write(key, version);
    if (told != null) {
      told.add(Rows.change(key, version, previous));
    }
    changes++;
  }

  private Outcome compact(CompactionRequest request) {
    long revision = request.getRevision();
    if (revision <= state.compact()) {
      return new Outcome.Failed(StoreError.COMPACTED);
    }
    if (revision > state.revision()) {
      return new Outcome.Failed(StoreError.FUTURE_REVISION);
    }
    state.compact(revision);
    return new Outcome.Done(
        CompactionResponse.newBuilder().setHeader(header(state.revision())).build());
  }

  private Outcome member(byte[] payload) {
    var result = Members.apply(cluster, MemberChangeCodec.decode(payload));
    cluster = result.cluster();
    return result.outcome();
  }

  static ResponseHeader header(long revision) {
    return ResponseHeader.newBuilder().setRevision(revision).build();
  }
}
