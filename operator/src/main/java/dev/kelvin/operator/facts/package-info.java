/**
 * What was observed of one cluster, as immutable values. Nothing of the Kubernetes client is in
 * here, so that whoever decides can be run from a model as well as from a real API server.
 */
package dev.kelvin.operator.facts;
