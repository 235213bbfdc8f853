/* SPDX-License-Identifier: GPL-2.0 */
/*
 * C shims for inline functions and macros, which bindgen cannot bind. Each lb_<name> stands for the
 * C <name>. A shim settles the differences between kernel versions, so that the crate sees one
 * name. Keep one short file for each subsystem: a module gets only the files that it needs.
 *
 * A shim has no lock and no state of its own. Code that has is a machine; see
 * rust/machines/machines.h.
 */
#ifndef LIFEBOUND_HELPERS_H
#define LIFEBOUND_HELPERS_H

#include <linux/auxiliary_bus.h>
#include <linux/clk.h>
#include <linux/completion.h>
#include <linux/configfs.h>
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/firmware.h>
#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/i2c.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/poll.h>
#include <linux/pwm.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/serdev.h>
#include <linux/slab.h>
#include <linux/spi/spi.h>
#include <linux/spinlock.h>
#include <linux/sys_soc.h>
#include <linux/sysfs.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/usb.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

/*
 * For a function that is called often, and by its name alone: without an instruction for those who
 * jump to it.
 */
#ifdef CONFIG_X86_KERNEL_IBT
#include <asm/ibt.h>
#define LB_CALLED __noendbr
#else
#define LB_CALLED
#endif

/* auxiliary.c */
bool lb_is_auxiliary(const struct device *dev);

/* bug.c */
void __noreturn lb_BUG(void);
void lb_WARN_ON(void);
const char *lb_module_name(void);
size_t lb_caller_name(char *text, size_t size);

/* clk.c */
struct clk *lb_clk_get_optional(struct device *dev, const char *id);

/* configfs.c */
bool lb_configfs_group_init(struct config_group *group, const char *name, const struct config_item_type *type);
void lb_configfs_subsystem_init(struct configfs_subsystem *subsys);

/* debugfs.c */
struct dentry *lb_debugfs_create_dir(const char *name, struct dentry *parent);
struct dentry *lb_debugfs_create_file(const char *name, umode_t mode, struct dentry *parent, void *data,
				      const struct file_operations *fops);
void lb_debugfs_remove(struct dentry *dentry);
int lb_seq_open(struct inode *inode, struct file *file, int (*show)(struct seq_file *, void *));
void *lb_seq_private(const struct seq_file *seq);
void *lb_file_inode_private(const struct file *file);

/* device.c */
const char *lb_dev_name(const struct device *dev);
void *lb_dev_get_drvdata(const struct device *dev);
void lb_dev_set_drvdata(struct device *dev, void *data);
void lb_binding_release(struct device *dev, void *res);
void *lb_devres_alloc(dr_release_t release, size_t size, gfp_t gfp, const char *name);
struct fwnode_handle *lb_dev_fwnode(const struct device *dev);

/* dma.c */
bool lb_dma_is_capable(struct device *dev);
int lb_dma_set_mask_and_coherent(struct device *dev, u64 mask);
int lb_dma_set_max_seg_size(struct device *dev, unsigned int size);
struct lb_dma_mapping {
	struct device *dev;
	dma_addr_t dma;
	size_t size;
	enum dma_data_direction dir;
	bool needs_sync;
};
bool LB_CALLED lb_dma_map_single(struct lb_dma_mapping *m, void *ptr, size_t size, enum dma_data_direction dir);
void LB_CALLED lb_dma_unmap_single(const struct lb_dma_mapping *m);
void LB_CALLED lb_dma_sync_single_for_cpu(const struct lb_dma_mapping *m);
void LB_CALLED lb_dma_sync_single_for_device(const struct lb_dma_mapping *m);
unsigned int lb_dma_get_max_seg_size(struct device *dev);
void lb_dma_unmap_sgtable(struct device *dev, struct sg_table *sgt, enum dma_data_direction dir);
void lb_dma_sync_sgtable_for_cpu(struct device *dev, struct sg_table *sgt, enum dma_data_direction dir);
void lb_dma_sync_sgtable_for_device(struct device *dev, struct sg_table *sgt, enum dma_data_direction dir);
struct scatterlist *lb_sg_next(struct scatterlist *sg);
dma_addr_t lb_sg_dma_address(struct scatterlist *sg);
unsigned int lb_sg_dma_len(struct scatterlist *sg);

/* err.c */
const char *lb_errname(int err);

/* firmware.c */
const struct acpi_device_id *lb_acpi_match_device(const struct acpi_device_id *ids, const struct device *dev);
const struct of_device_id *lb_of_match_device(const struct of_device_id *ids, bool acpi_ids,
					      const struct device *dev);

/* firmware_loader.c */
int lb_request_firmware(const struct firmware **fw, const char *name, struct device *dev, bool warns);
int lb_request_firmware_into_buf(const char *name, struct device *dev, void *buf, size_t size);
void lb_release_firmware(const struct firmware *fw);

/* fs.c */
unsigned int lb_file_flags(const struct file *file);
void lb_set_file_private_data(struct file *file, void *data);
void LB_CALLED lb_iov_iter_ubuf(struct iov_iter *i, bool dest, void __user *buf, size_t count);
size_t LB_CALLED lb_copy_to_iter(const void *from, size_t bytes, struct iov_iter *i);
size_t LB_CALLED lb_copy_from_iter(void *to, size_t bytes, struct iov_iter *i);

/* io.c */
void __iomem *lb_ioremap(phys_addr_t start, resource_size_t size, bool posted);
bool lb_region_is_ram(resource_size_t start, resource_size_t size);
void lb_release_claim(struct resource *claim);

/* i2c.c */
bool lb_is_i2c_client(const struct device *dev);
int lb_i2c_register_driver(struct i2c_driver *drv, struct module *owner, const char *name);
void lb_i2c_adapter_get(struct i2c_adapter *adapter);
u32 lb_i2c_get_functionality(struct i2c_adapter *adapter);
const struct of_device_id *lb_i2c_of_match_device(const struct of_device_id *ids, struct i2c_client *client);

/* module.c */
void lb_module_wait_until_unused(void);
int lb_module_progress(void);
void lb_module_param_barrier(void);

/* names.c */
bool lb_check_file_name(const char *what, const char *name, size_t longest);
bool lb_check_irq_name(const char *name);

/* page.c */
struct page *lb_alloc_page(gfp_t gfp);
void lb_free_page(struct page *page);
void *lb_page_address(const struct page *page);
int lb_page_to_nid(const struct page *page);

/* pci.c */
bool lb_is_pci(const struct device *dev);
resource_size_t lb_pci_resource_start(struct pci_dev *pdev, int bar);
resource_size_t lb_pci_resource_len(struct pci_dev *pdev, int bar);
unsigned long lb_pci_resource_flags(struct pci_dev *pdev, int bar);
u16 lb_pci_dev_id(struct pci_dev *pdev);
bool lb_pci_is_master(struct pci_dev *pdev);
unsigned int lb_pci_irq_type(struct pci_dev *pdev);
int lb_pci_register_driver(struct pci_driver *drv, struct module *owner, const char *name);

/* platform.c */
bool lb_is_platform(const struct device *dev);
int lb_platform_driver_register(struct platform_driver *drv, struct module *module, const char *name);
void lb_platform_driver_set_remove(struct platform_driver *drv, void (*remove)(struct platform_device *));

/* poll.c */
void lb_init_wait_woken(struct wait_queue_entry *wait);
void lb_poll_wait(struct file *file, struct wait_queue_head *wq, struct poll_table_struct *table);

/* pm.c */
void lb_pm_runtime_get_noresume(struct device *dev);
void lb_pm_runtime_get_sync(struct device *dev);
int lb_pm_runtime_resume_and_get(struct device *dev);
void lb_pm_runtime_put_sync(struct device *dev);
void lb_pm_runtime_put_noidle(struct device *dev);
void lb_pm_runtime_put_autosuspend(struct device *dev);
void lb_pm_runtime_use_autosuspend(struct device *dev, int delay_ms);
void lb_pm_runtime_dont_use_autosuspend(struct device *dev);
int lb_pm_runtime_enable_active(struct device *dev);
void lb_pm_runtime_disable(struct device *dev);
void lb_pm_runtime_set_suspended(struct device *dev);

/* printk.c */
int lb_printk_module(const char *level, const char *name, const char *text);
int lb_printk_cont(const char *text);
void lb_dynamic_pr_debug(void *site, const char *name, const char *text);
void lb_dynamic_dev_dbg(void *site, const struct device *dev, const char *text);
void lb_dev_printk_text(const char *level, const struct device *dev, const char *format, const char *text);
int lb_hash_pointer(char *buf, size_t size, const void *ptr);

/* property.c */
void lb_fwnode_get(struct fwnode_handle *fwnode);
void lb_fwnode_put(struct fwnode_handle *fwnode);
void lb_fwnode_adopt(struct fwnode_handle *fwnode);
struct fwnode_handle *lb_fwnode_next_child(const struct fwnode_handle *fwnode, struct fwnode_handle *child);
bool lb_is_of_node(const struct fwnode_handle *fwnode);
void lb_fwnode_path(struct fwnode_handle *fwnode, char *buf, size_t size);
int lb_fwnode_check(const struct fwnode_handle *fwnode, const char *name, int size);

/* pwm.c */
void *lb_pwmchip_get_drvdata(const struct pwm_chip *chip);

/* sched.c */
struct task_struct *lb_current(void);
pid_t lb_task_pid_nr(struct task_struct *task);
void lb_get_task_comm(struct task_struct *task, char comm[TASK_COMM_LEN]);
void lb_get_task_struct(struct task_struct *task);
void lb_put_task_struct(struct task_struct *task);
bool lb_signal_pending(void);
void lb_might_sleep(void);

/* slab.c */
void *lb_kmalloc(size_t size, gfp_t gfp);
void *LB_CALLED lb_kmalloc_8(size_t size, gfp_t gfp);
void *LB_CALLED lb_kmalloc_16(size_t size, gfp_t gfp);
void *LB_CALLED lb_kmalloc_32(size_t size, gfp_t gfp);
void *LB_CALLED lb_kmalloc_64(size_t size, gfp_t gfp);
void *LB_CALLED lb_kmalloc_96(size_t size, gfp_t gfp);
void *LB_CALLED lb_kmalloc_128(size_t size, gfp_t gfp);
void *LB_CALLED lb_kmalloc_192(size_t size, gfp_t gfp);
void *LB_CALLED lb_kmalloc_256(size_t size, gfp_t gfp);
void *LB_CALLED lb_kmalloc_512(size_t size, gfp_t gfp);
void *LB_CALLED lb_kmalloc_1024(size_t size, gfp_t gfp);
void *LB_CALLED lb_kmalloc_2048(size_t size, gfp_t gfp);
void *LB_CALLED lb_kmalloc_4096(size_t size, gfp_t gfp);
void *lb_krealloc(const void *p, size_t size, gfp_t gfp, int node);
void *lb_kvmalloc(size_t size, gfp_t gfp, int node);
void *lb_vmalloc(size_t size, gfp_t gfp, int node);
bool lb_node_online(int node);

/* serdev.c */
int lb_serdev_register_driver(struct serdev_device_driver *drv, struct module *owner, const char *name);
void lb_serdev_unregister_driver(struct serdev_device_driver *drv);
int lb_serdev_open(struct serdev_device *serdev, const struct serdev_device_ops *ops);
void lb_wait_until_clear(u32 *word, u32 mask);
void lb_wake_waiters(u32 *word);

/* soc.c */
struct soc_device *lb_soc_device_register(struct soc_device_attribute *attr);
void lb_soc_device_unregister(struct soc_device *soc);

/* spi.c */
struct lb_spi_limits {
	size_t max_transfer_size;
	size_t max_message_size;
	u32 mode_bits;
	u32 bits_per_word_mask;
	u32 min_speed_hz;	/* 0: none */
	u32 max_speed_hz;	/* 0: none */
	u32 flags;
};

bool lb_is_spi_device(const struct device *dev);
int lb_spi_register_driver(struct spi_driver *drv, struct module *owner, const char *name);
void lb_spi_unregister_driver(struct spi_driver *drv);
u8 lb_spi_get_chipselect(const struct spi_device *spi);
void lb_spi_lock_bus(struct spi_device *spi);
void lb_spi_unlock_bus(struct spi_device *spi);
void lb_spi_get_limits(struct spi_device *spi, struct lb_spi_limits *limits);
int lb_spi_sync_transfer(struct spi_device *spi, struct spi_transfer *xfers, unsigned int num_xfers);

/* sync.c */
void lb_spin_lock_init(spinlock_t *lock, const char *name, struct lock_class_key *key);
void lb_mutex_init(struct mutex *lock, const char *name, struct lock_class_key *key);
void lb_init_completion(struct completion *x);
void lb_init_wait(struct wait_queue_entry *wait);
void lb_init_waitqueue_head(struct wait_queue_head *wq, const char *name, struct lock_class_key *key);
bool lb_finish_wait_woken(struct wait_queue_head *wq, struct wait_queue_entry *wait);
void lb_lockdep_register_key(struct lock_class_key *key);
void lb_lockdep_unregister_key(struct lock_class_key *key);
void lb_lockdep_assert_held_spin(spinlock_t *lock);
void lb_lockdep_assert_held_mutex(struct mutex *lock);
unsigned long lb_local_irq_save(void);
void lb_local_irq_restore(unsigned long flags);

/* rcu.c */
void lb_rcu_read_lock(void);
void lb_rcu_read_unlock(void);
void lb_synchronize_rcu(void);
void lb_rcu_barrier(void);

/* sysfs.c */
struct lb_attribute {
	struct device_attribute attr;
	ssize_t (*show)(void *data, const char *name, char *page);
	ssize_t (*store)(void *data, const char *name, const char *text, size_t length);
	void *data;
};

struct attribute *lb_attribute_init(struct lb_attribute *attribute, const char *name, umode_t mode,
				    ssize_t (*show)(void *, const char *, char *),
				    ssize_t (*store)(void *, const char *, const char *, size_t), void *data);
void lb_attribute_group_init(struct attribute_group *group, const char *name, struct attribute **list);
int lb_device_add_group(struct device *dev, const struct attribute_group *group);
void lb_device_remove_group(struct device *dev, const struct attribute_group *group);

/* time.c */
ktime_t lb_ktime_get(void);
ktime_t lb_ktime_get_real(void);
ktime_t lb_ktime_get_boottime(void);
ktime_t lb_ktime_get_clocktai(void);
void lb_fsleep(unsigned long usecs);
void lb_udelay(unsigned long usecs);
unsigned long lb_msecs_to_jiffies(unsigned int m);
void lb_hrtimer_setup(struct hrtimer *timer, enum hrtimer_restart (*function)(struct hrtimer *timer));
ktime_t lb_hrtimer_get_expires(const struct hrtimer *timer);

/* uaccess.c */
unsigned long LB_CALLED lb_copy_from_user(void *to, const void __user *from, unsigned long n);
unsigned long LB_CALLED lb_copy_to_user(void __user *to, const void *from, unsigned long n);
long lb_strncpy_from_user(char *to, const char __user *from, long n);

/* usb.c */
bool lb_is_usb_interface(const struct device *dev);
int lb_usb_register_driver(struct usb_driver *drv, struct module *owner, const char *name);
struct usb_device *lb_interface_to_usbdev(struct usb_interface *intf);
unsigned int lb_usb_control_pipe(struct usb_device *udev, bool in);
unsigned int lb_usb_bulk_pipe(struct usb_device *udev, u8 address);

/* workqueue.c */
void lb_init_work(struct work_struct *work, work_func_t func);
bool lb_queue_work(struct workqueue_struct *wq, struct work_struct *work);
void lb_init_delayed_work(struct delayed_work *dwork, work_func_t func);
void lb_delayed_work_set_class(struct delayed_work *dwork, struct lock_class_key *key);
bool lb_queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork, unsigned long delay);
bool lb_mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork, unsigned long delay);
bool lb_delayed_work_pending(struct delayed_work *dwork);
bool lb_work_is_done(struct work_struct *work);

#endif
