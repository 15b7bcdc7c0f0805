#ifndef TARE_HEAP_C_LIBRARY_MALLOC_H_
#define TARE_HEAP_C_LIBRARY_MALLOC_H_

namespace tare {

// Whether this process's malloc is glibc's own, not one that was linked or preloaded in its place:
// only of that is known what it does with memory that it gives back. Links the C library alone.
bool MallocIsTheCLibrarys();

}  // namespace tare

#endif  // TARE_HEAP_C_LIBRARY_MALLOC_H_
