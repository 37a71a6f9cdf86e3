package dev.kelvin.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.kelvin.proto.etcdserverpb.CompactionRequest;
import dev.kelvin.proto.etcdserverpb.CompactionResponse;
import dev.kelvin.proto.etcdserverpb.Compare;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.DeleteRangeResponse;
import dev.kelvin.proto.etcdserverpb.LeaseGrantRequest;
import dev.kelvin.proto.etcdserverpb.LeaseGrantResponse;
import dev.kelvin.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kelvin.proto.etcdserverpb.LeaseRevokeResponse;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.PutResponse;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.proto.etcdserverpb.RequestOp;
import dev.kelvin.proto.etcdserverpb.ResponseHeader;
import dev.kelvin.proto.etcdserverpb.ResponseOp;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import dev.kelvin.proto.etcdserverpb.TxnResponse;
import dev.kelvin.proto.mvccpb.KeyValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** etcd's semantics in the plainest way: a whole map for every revision. */
final class Model {
  private static final Comparator<ByteString> BYTES =
      ByteString.unsignedLexicographicalComparator();

  private final List<TreeMap<ByteString, KeyValue>> states = new ArrayList<>();
  private TreeMap<ByteString, KeyValue> now = new TreeMap<>(BYTES);
  private final Map<Long, Lease> leases = new HashMap<>();
  private boolean changed;
  private long compact = -1;

  Model() {
    states.add(null);
    states.add(new TreeMap<>(BYTES));
  }

  long revision() {
    return states.size() - 1;
  }

  long compact() {
    return compact;
  }

  Outcome run(MessageLite request) {
    changed = false;
    var outcome =
        switch (request) {
          case PutRequest put -> {
            var error = check(put);
            if (error != null) {
              yield new Outcome.Failed(error);
            }
            var response = put(put);
            yield put.getPrevKv()
                ? new Outcome.Done(response)
                : new Outcome.PutDone(response.getHeader().getRevision());
          }
          case DeleteRangeRequest delete -> new Outcome.Done(delete(delete));
          case CompactionRequest compaction -> compact(compaction.getRevision());
          case TxnRequest txn -> {
            var taken = new HashMap<TxnRequest, Boolean>();
            decide(txn, taken);
            var error = check(txn, taken);
            yield error != null
                ? new Outcome.Failed(error)
                : new Outcome.Done(txn(txn, taken).setHeader(header()).build());
          }
          case LeaseGrantRequest grant -> grant(grant.getID(), grant.getTTL());
          case LeaseRevokeRequest revoke ->
              end(revoke.getID())
                  ? new Outcome.Done(LeaseRevokeResponse.newBuilder().setHeader(header()).build())
                  : new Outcome.Failed(StoreError.LEASE_NOT_FOUND);
          default -> throw new IllegalArgumentException();
        };
    finish();
    return outcome;
  }

  Outcome run(LeaseCommand command, long term) {
    if (command.term() != term) {
      return new Outcome.Failed(StoreError.OTHER_TERM);
    }
    switch (command) {
      case LeaseCommand.Expire expire -> {
        if (!end(expire.lease())) {
          return new Outcome.Failed(StoreError.LEASE_NOT_FOUND);
        }
      }
      case LeaseCommand.Checkpoint checkpoint -> {
        for (var noted : checkpoint.leases()) {
          leases.computeIfPresent(
              noted.lease(), (id, lease) -> new Lease(id, lease.ttl(), noted.seconds()));
        }
      }
    }
    finish();
    return new Outcome.DutyDone();
  }

  private void finish() {
    if (changed) {
      states.add(new TreeMap<>(now));
    }
    changed = false;
  }

  Map<Long, Lease> leases() {
    return leases;
  }

  List<ByteString> keys(long lease) {
    return now.values().stream()
        .filter(kv -> kv.getLease() == lease)
        .map(KeyValue::getKey)
        .toList();
  }

  private Outcome grant(long id, long ttl) {
    if (leases.putIfAbsent(id, new Lease(id, ttl, 0)) != null) {
      return new Outcome.Failed(StoreError.LEASE_EXISTS);
    }
    return new Outcome.Done(
        LeaseGrantResponse.newBuilder().setHeader(header()).setID(id).setTTL(ttl).build());
  }

  private boolean end(long lease) {
    if (leases.remove(lease) == null) {
      return false;
    }
    changed |= now.values().removeIf(kv -> kv.getLease() == lease);
    return true;
  }

  Outcome range(RangeRequest request) {
    var error = check(request);
    return error != null ? new Outcome.Failed(error) : new Outcome.Done(answer(request));
  }

  private long soFar() {
    return revision() + (changed ? 1 : 0);
  }

  private ResponseHeader.Builder header() {
    return ResponseHeader.newBuilder().setRevision(soFar());
  }

  private Outcome compact(long revision) {
    if (revision <= compact) {
      return new Outcome.Failed(StoreError.COMPACTED);
    }
    if (revision > revision()) {
      return new Outcome.Failed(StoreError.FUTURE_REVISION);
    }
    compact = revision;
    return new Outcome.Done(CompactionResponse.newBuilder().setHeader(header()).build());
  }

  private StoreError check(RangeRequest request) {
    if (request.getRevision() > revision()) {
      return StoreError.FUTURE_REVISION;
    }
    return request.getRevision() > 0 && request.getRevision() < compact
        ? StoreError.COMPACTED
        : null;
  }

  private StoreError check(PutRequest put) {
    if (put.getLease() != 0 && !leases.containsKey(put.getLease())) {
      return StoreError.LEASE_NOT_FOUND;
    }
    return (put.getIgnoreValue() || put.getIgnoreLease()) && !now.containsKey(put.getKey())
        ? StoreError.KEY_NOT_FOUND
        : null;
  }

  private StoreError check(TxnRequest txn, Map<TxnRequest, Boolean> taken) {
    for (var op : branch(txn, taken)) {
      StoreError error = null;
      if (op.hasRequestPut()) {
        error = check(op.getRequestPut());
      } else if (op.hasRequestRange()) {
        error = check(op.getRequestRange());
      } else if (op.hasRequestTxn()) {
        error = check(op.getRequestTxn(), taken);
      }
      if (error != null) {
        return error;
      }
    }
    return null;
  }

  private static List<RequestOp> branch(TxnRequest txn, Map<TxnRequest, Boolean> taken) {
    return taken.get(txn) ? txn.getSuccessList() : txn.getFailureList();
  }

  private void decide(TxnRequest txn, Map<TxnRequest, Boolean> taken) {
    taken.put(txn, txn.getCompareList().stream().allMatch(this::holds));
    for (var op : branch(txn, taken)) {
      if (op.hasRequestTxn()) {
        decide(op.getRequestTxn(), taken);
      }
    }
  }

  private boolean holds(Compare compare) {
    var found = select(now, compare.getKey(), compare.getRangeEnd());
    if (found.isEmpty()) {
      return compare.getTarget() != Compare.CompareTarget.VALUE
          && holds(compare, KeyValue.getDefaultInstance());
    }
    return found.stream().allMatch(kv -> holds(compare, kv));
  }

  private static boolean holds(Compare compare, KeyValue kv) {
    int order =
        switch (compare.getTarget()) {
          case VERSION -> Long.compare(kv.getVersion(), compare.getVersion());
          case CREATE -> Long.compare(kv.getCreateRevision(), compare.getCreateRevision());
          case MOD -> Long.compare(kv.getModRevision(), compare.getModRevision());
          case VALUE -> BYTES.compare(kv.getValue(), compare.getValue());
          default -> Long.compare(kv.getLease(), compare.getLease());
        };
    return switch (compare.getResult()) {
      case EQUAL -> order == 0;
      case GREATER -> order > 0;
      case LESS -> order < 0;
      default -> order != 0;
    };
  }

  private static List<KeyValue> select(
      TreeMap<ByteString, KeyValue> state, ByteString key, ByteString end) {
    boolean open = end.equals(ByteString.copyFrom(new byte[1]));
    return state.values().stream()
        .filter(
            kv ->
                end.isEmpty()
                    ? kv.getKey().equals(key)
                    : BYTES.compare(kv.getKey(), key) >= 0
                        && (open || BYTES.compare(kv.getKey(), end) < 0))
        .toList();
  }

  private PutResponse put(PutRequest put) {
    var old = now.get(put.getKey());
    changed = true;
    long revision = soFar();
    now.put(
        put.getKey(),
        KeyValue.newBuilder()
            .setKey(put.getKey())
            .setValue(put.getIgnoreValue() && old != null ? old.getValue() : put.getValue())
            .setCreateRevision(old == null ? revision : old.getCreateRevision())
            .setModRevision(revision)
            .setVersion(old == null ? 1 : old.getVersion() + 1)
            .setLease(!put.getIgnoreLease() ? put.getLease() : old == null ? 0 : old.getLease())
            .build());
    var response = PutResponse.newBuilder().setHeader(header());
    if (put.getPrevKv() && old != null) {
      response.setPrevKv(old);
    }
    return response.build();
  }

  private DeleteRangeResponse delete(DeleteRangeRequest delete) {
    var gone = select(now, delete.getKey(), delete.getRangeEnd());
    gone.forEach(kv -> now.remove(kv.getKey()));
    changed |= !gone.isEmpty();
    var response = DeleteRangeResponse.newBuilder().setHeader(header()).setDeleted(gone.size());
    if (delete.getPrevKv()) {
      response.addAllPrevKvs(gone);
    }
    return response.build();
  }

  private TxnResponse.Builder txn(TxnRequest txn, Map<TxnRequest, Boolean> taken) {
    var response =
        TxnResponse.newBuilder()
            .setHeader(ResponseHeader.getDefaultInstance())
            .setSucceeded(taken.get(txn));
    for (var op : branch(txn, taken)) {
      var answer = ResponseOp.newBuilder();
      switch (op.getRequestCase()) {
        case REQUEST_PUT -> answer.setResponsePut(put(op.getRequestPut()));
        case REQUEST_DELETE_RANGE ->
            answer.setResponseDeleteRange(delete(op.getRequestDeleteRange()));
        case REQUEST_RANGE -> answer.setResponseRange(answer(op.getRequestRange()));
        default -> answer.setResponseTxn(txn(op.getRequestTxn(), taken));
      }
      response.addResponses(answer);
    }
    return response;
  }

  private RangeResponse answer(RangeRequest request) {
    var state = request.getRevision() > 0 ? states.get((int) request.getRevision()) : now;
    var all = select(state, request.getKey(), request.getRangeEnd());
    var response = RangeResponse.newBuilder().setHeader(header()).setCount(all.size());
    if (request.getCountOnly()) {
      return response.build();
    }
    Comparator<KeyValue> order =
        switch (request.getSortTarget()) {
          case VERSION -> Comparator.comparingLong(KeyValue::getVersion);
          case CREATE -> Comparator.comparingLong(KeyValue::getCreateRevision);
          case MOD -> Comparator.comparingLong(KeyValue::getModRevision);
          case VALUE -> Comparator.comparing(KeyValue::getValue, BYTES);
          default -> Comparator.comparing(KeyValue::getKey, BYTES);
        };
    if (request.getSortOrder() == RangeRequest.SortOrder.DESCEND) {
      order = order.reversed();
    }
    var kept =
        all.stream()
            .filter(
                kv ->
                    kv.getModRevision() >= request.getMinModRevision()
                        && (request.getMaxModRevision() == 0
                            || kv.getModRevision() <= request.getMaxModRevision())
                        && kv.getCreateRevision() >= request.getMinCreateRevision()
                        && (request.getMaxCreateRevision() == 0
                            || kv.getCreateRevision() <= request.getMaxCreateRevision()))
            .sorted(order)
            .toList();
    if (request.getLimit() > 0 && kept.size() > request.getLimit()) {
      kept = kept.subList(0, (int) request.getLimit());
      response.setMore(true);
    }
    for (var kv : kept) {
      response.addKvs(request.getKeysOnly() ? kv.toBuilder().clearValue().build() : kv);
    }
    return response.build();
  }
}
