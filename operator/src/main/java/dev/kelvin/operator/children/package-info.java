/**
 * The Kubernetes objects of a cluster, built by pure functions from its resource and from what was
 * decided. Begin reading at {@link dev.kelvin.operator.children.Children}.
 */
package dev.kelvin.operator.children;
