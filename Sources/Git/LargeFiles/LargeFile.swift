/// A file of a commit whose content is not in the commit but in a store beside it.
package struct LargeFile: Sendable, Hashable {
    package let path: BytePath
    package let pointer: LargeFilePointer
}
