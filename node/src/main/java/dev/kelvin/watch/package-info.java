/**
 * Tells clients what changes: everything since a revision, in order, once, each revision as a whole
 * (etcd's API guarantees for watches). Works on the store alone; knows no connection.
 */
package dev.kelvin.watch;
