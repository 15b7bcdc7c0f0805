#ifndef TARE_HEAP_C_LIBRARY_MALLOC_H_
#define TARE_HEAP_C_LIBRARY_MALLOC_H_

namespace tare {

// Whether this process uses glibc's own malloc, not a linked or preloaded replacement. Only for
// glibc's is it known what it does with memory that it gives back. Links only the C library.
bool MallocIsTheCLibrarys();

}  // namespace tare

#endif  // TARE_HEAP_C_LIBRARY_MALLOC_H_
