package dev.kelvin.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import dev.kelvin.proto.etcdserverpb.AlarmRequest;
import dev.kelvin.proto.etcdserverpb.AlarmResponse;
import dev.kelvin.proto.etcdserverpb.AlarmType;
import dev.kelvin.proto.etcdserverpb.CompactionRequest;
import dev.kelvin.proto.etcdserverpb.CompactionResponse;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.DeleteRangeResponse;
import dev.kelvin.proto.etcdserverpb.LeaseGrantRequest;
import dev.kelvin.proto.etcdserverpb.LeaseGrantResponse;
import dev.kelvin.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kelvin.proto.etcdserverpb.LeaseRevokeResponse;
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
  private final LeaseBatch leases;
  private final RowBatch batch;
  private ClusterState cluster;
  private final StoreMeter.Batch counts = new StoreMeter.Batch();
  private Alarms alarms;

  /** Changes of the request under way. */
  private int changes;

  /** Changes of the batch; null if nobody wants them. */
  private final List<Change> told;

  Applier(
      Overlay state,
      LeaseBatch leases,
      RowBatch batch,
      ClusterState cluster,
      Alarms alarms,
      boolean tell) {
    this.state = state;
    this.leases = leases;
    this.batch = batch;
    this.cluster = cluster;
    this.alarms = alarms;
    told = tell ? new ArrayList<>() : null;
  }

  /** Changes of all commands so far; null if they were not to be told. */
  List<Change> told() {
    return told;
  }

  ClusterState cluster() {
    return cluster;
  }

  /** Of all commands so far. */
  StoreMeter.Batch counts() {
    return counts;
  }

  Alarms alarms() {
    return alarms;
  }

  LeaseBatch leases() {
    return leases;
  }

  Overlay state() {
    return state;
  }

  /**
   * Applies a command.
   *
   * @param term of the entry it is in
   * @param wanted whether somebody waits for the outcome
   * @return null if not wanted, or at will
   */
  Outcome apply(Command command, long term, boolean wanted) {
    changes = 0;
    try {
      var refusal = alarms.refusal(command);
      if (refusal != null) {
        return new Outcome.Failed(refusal);
      }
      var outcome =
          switch (command.kind()) {
            case PUT -> putRequest(parse(PutRequest.parser(), command), wanted);
            case TIMED_PUT -> timedPut(TimedPut.decode(command.payload()), wanted);
            case DELETE_RANGE -> deleteRequest(parse(DeleteRangeRequest.parser(), command), wanted);
            case TXN -> new Txn(this, wanted).run(parse(TxnRequest.parser(), command));
            case COMPACT -> compact(parse(CompactionRequest.parser(), command));
            case LEASE_GRANT -> grant(parse(LeaseGrantRequest.parser(), command));
            case LEASE_REVOKE -> revoke(parse(LeaseRevokeRequest.parser(), command));
            case LEASE_EXPIRE -> expire(LeaseCommand.Expire.decode(command.payload()), term);
            case LEASE_CHECKPOINT ->
                checkpoint(LeaseCommand.Checkpoint.decode(command.payload()), term);
            case ALARM -> alarm(parse(AlarmRequest.parser(), command));
            case MEMBER -> member(command.payload().toByteArray());
          };
      leases.settle();
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

  /** The key has the lease before there is one: so it can be told from a key that joins others. */
  private Outcome timedPut(TimedPut request, boolean wanted) {
    if (!request.valid()) {
      return new Outcome.Failed(StoreError.MALFORMED);
    }
    long lease = request.put().getLease();
    if (leases.get(lease) != null) {
      return new Outcome.Failed(StoreError.LEASE_EXISTS);
    }
    put(request.put());
    leases.grant(lease, request.seconds(), true);
    return wanted ? new Outcome.PutDone(revisionSoFar()) : null;
  }

  /** Why a put cannot be done, or null. */
  StoreError checkPut(PutRequest request) {
    if (request.getLease() != 0 && leases.get(request.getLease()) == null) {
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
    counts.put(key.size() + request.getValue().size());
    var previous = state.current(key);
    // A nested transaction of a malformed kind can delete what the check saw.
    var value =
        request.getIgnoreValue() && previous != null
            ? state.withValue(previous).value()
            : request.getValue();
    long lease =
        request.getIgnoreLease() ? previous == null ? 0 : previous.lease() : request.getLease();
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
    counts.delete();
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
      bury(gone.key, gone.version);
    }
    return response.setHeader(header(revisionSoFar()));
  }

  private void bury(ByteString key, Version version) {
    write(key, Version.tombstone(state.revision() + 1, changes), version);
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
    leases.move(key, previous == null ? 0 : previous.lease(), version.lease());
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

  private Outcome grant(LeaseGrantRequest request) {
    long id = request.getID();
    if (id == 0 || request.getTTL() <= 0) {
      return new Outcome.Failed(StoreError.MALFORMED);
    }
    if (leases.get(id) != null) {
      return new Outcome.Failed(StoreError.LEASE_EXISTS);
    }
    leases.grant(id, request.getTTL(), false);
    return new Outcome.Done(
        LeaseGrantResponse.newBuilder()
            .setHeader(header(state.revision()))
            .setID(id)
            .setTTL(request.getTTL())
            .build());
  }

  private Outcome revoke(LeaseRevokeRequest request) {
    if (!end(request.getID())) {
      return new Outcome.Failed(StoreError.LEASE_NOT_FOUND);
    }
    return new Outcome.Done(
        LeaseRevokeResponse.newBuilder().setHeader(header(revisionSoFar())).build());
  }

  private Outcome expire(LeaseCommand.Expire command, long term) {
    var refusal = refuse(command, term);
    if (refusal == null && !end(command.lease())) {
      refusal = StoreError.LEASE_NOT_FOUND;
    }
    return refusal == null ? new Outcome.DutyDone() : new Outcome.Failed(refusal);
  }

  private Outcome checkpoint(LeaseCommand.Checkpoint command, long term) {
    var refusal = refuse(command, term);
    if (refusal != null) {
      return new Outcome.Failed(refusal);
    }
    for (var noted : command.leases()) {
      if (leases.get(noted.lease()) != null) {
        leases.checkpoint(noted.lease(), noted.seconds());
      }
    }
    return new Outcome.DutyDone();
  }

  private static StoreError refuse(LeaseCommand command, long term) {
    if (command == null) {
      return StoreError.MALFORMED;
    }
    return command.term() == term ? null : StoreError.OTHER_TERM;
  }

  /** Ends a lease; all its keys go in one revision. False if there is none. */
  private boolean end(long lease) {
    if (leases.get(lease) == null) {
      return false;
    }
    for (var key : leases.keys(lease)) {
      var version = state.current(key);
      if (version == null || version.lease() != lease) {
        throw new IllegalStateException(
            "lease %016x has a key that does not have it: %s".formatted(lease, version));
      }
      counts.delete();
      bury(key, version);
    }
    leases.remove(lease);
    return true;
  }

  private Outcome alarm(AlarmRequest request) {
    var alarm = new Alarm(request.getMemberID(), request.getAlarmValue());
    return switch (request.getAction()) {
      case ACTIVATE -> raise(alarm);
      case DEACTIVATE -> {
        var before = alarms;
        alarms = before.without(alarm);
        yield alarms(alarms == before ? List.of() : List.of(alarm));
      }
      // What only asks is answered without an entry.
      case GET, UNRECOGNIZED -> alarms(List.of());
    };
  }

  private Outcome raise(Alarm alarm) {
    if (alarm.type() == AlarmType.NONE_VALUE) {
      return alarms(List.of());
    }
    var with = alarms.with(alarm);
    if (with != alarms && alarms.full()) {
      return new Outcome.Failed(StoreError.TOO_MANY_ALARMS);
    }
    alarms = with;
    return alarms(List.of(alarm));
  }

  private Outcome alarms(List<Alarm> said) {
    var response = AlarmResponse.newBuilder().setHeader(header(state.revision()));
    for (var alarm : said) {
      response.addAlarms(alarm.toMember());
    }
    return new Outcome.Done(response.build());
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
